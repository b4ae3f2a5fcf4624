"""How a notebook displays a study: verdict, table and picture, from its record."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from backtest.errors import BacktestError
from backtest.format import NONE, percent, plain, points, points_range, probability, share
from backtest.model import Record, measured_by
from backtest.model.by_asset import said_beside_verdict
from backtest.study.result import StudyResult

if TYPE_CHECKING:
    import pandas as pd

FORMATS: dict[str, Callable[[float], str]] = {
    **dict.fromkeys(("asset_mean", "benchmark_mean", "base_asset_mean"), percent),
    **dict.fromkeys(("spread_mean", "base_spread_mean", "excess", "ci_low", "ci_high", "mde"), points),
    **dict.fromkeys(("hit_rate", "base_hit_rate"), share),
    **dict.fromkeys(("p_value", "p_adjusted"), probability),
}


def episodes_frame(study: StudyResult) -> pd.DataFrame:
    """One row per episode of the sample window: its sessions, whether it is ongoing, and whether it gave an event."""
    import pandas as pd

    sessions, episodes = study.plan.dataset.prices.sessions, study.detection.episodes
    return pd.DataFrame(
        {
            "start": sessions[episodes.start],
            "trigger": sessions[episodes.trigger],
            "end": sessions[episodes.end],
            "ongoing": episodes.ongoing,
            "event": np.isin(episodes.trigger, study.detection.events.episodes.trigger),
        }
    )


def frame_html(frame: pd.DataFrame, *, index: bool = True) -> str:
    """Return a table of results as HTML, with numbers formatted as on a page."""
    printed = {name: frame[name].map(write) for name, write in FORMATS.items() if name in frame}
    return str(frame.assign(**printed).to_html(index=index, na_rep=NONE))


def record_html(record: Record) -> str:
    """Return title, verdict, what stands beside it, the table of horizons and the picture as HTML.

    Above stand the banners that the data and the detector need. Without matplotlib there is no picture.
    """
    run = record.run
    banner = "<p><b>Simulated data: these returns mean nothing.</b></p>" if run["dataset"].get("synthetic") else ""
    if run.get("lookahead"):
        banner += f'<p style="color: #b00020"><b>LOOK-AHEAD: {_written(run["lookahead"]["text"])}</b></p>'
    said = "".join(f"<p>{_written(text)}</p>" for text in filter(None, [run.get("headline"), run["verdict"]]))
    beside = "".join(f"<li>{_written(text)}</li>" for text in said_beside_verdict(run))
    listed = f"<ul>{beside}</ul>" if beside else ""
    return f"{banner}<h3>{_written(run['title'])}</h3>{said}{listed}{_table(record)}{_picture(record)}"


def _table(record: Record) -> str:
    several = "assets" in record.run
    of = measured_by((record.run["assets"][0] if several else record.run)["legs"])
    horizons: pd.DataFrame = record.tables["horizons"].to_pandas(date_as_object=False)
    named = ["asset_name"] if several else []
    shown = [*named, "horizon", "n", *(f"{leg}_mean" for leg in of.legs), "hit_rate", of.base_mean]
    interval = [points_range(low, high) for low, high in zip(horizons["ci_low"], horizons["ci_high"], strict=True)]
    sized = horizons[[*shown, "excess", "mde", "p_adjusted"]]
    sized.insert(len(shown) + 1, "interval", interval)  # of the effect, in one cell
    if "calendar" in horizons:
        sized["horizon"] = horizons["calendar"].where(horizons["calendar"].notna(), horizons["horizon"])
    return frame_html(sized, index=False)


def _picture(record: Record) -> str:
    from backtest.handout.plot_outcomes import plot_outcomes

    try:
        figure = plot_outcomes(record, worded=False)
    except BacktestError as error:  # the rest is shown without it
        return f"<p>{_written(str(error))}</p>"
    from backtest.handout.canvas import png_of

    content = base64.b64encode(png_of(figure)).decode()
    return (
        f'<img alt="What came after each event. {_written(record.run["verdict"])}" style="max-width: 100%" width="900" '
        f'src="data:image/png;base64,{content}">'
    )


def _written(text: str) -> str:
    return html.escape(plain(text))
