"""The picture of a comparison: a row a study at the chosen horizon, the finding above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest import format as words
from backtest.errors import ExportRefused
from backtest.handout.effect_rows import MOST, Row, draw_rows
from backtest.handout.handout import Handout
from backtest.handout.look import Look, alarms_of, refuse_without_matplotlib, stamp, whole_sentences
from backtest.handout.sheet import LONG, Words, sheet_of
from backtest.untyped import Json

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_comparison(handout: Handout, look: Look) -> tuple[Words, Figure]:
    """Draw the ranking of a comparison; return what is written around it, too.

    Raises
    ------
    ExportRefused
        It has no horizon to rank at, or was made by a version that kept no ranking; or matplotlib is not installed.
    """
    content = handout.content
    horizon, ranking = content.get("horizon"), content.get("ranking")
    if not ranking or horizon is None:
        raise ExportRefused(f"comparison '{handout.name}': it has no ranking to draw.", "Compare the studies again.")
    refuse_without_matplotlib()
    from backtest.handout.canvas import own_style

    said = _words(handout, ranking, horizon)
    rows = [row_of(str(one["study"]), one) for one in ranking[:MOST]]
    with own_style():
        figure, height = sheet_of(said, look)
        stamp(draw_rows(figure, height, rows, look), look, said.alarms)
    return said, figure


def row_of(name: str, found: Json, *, marked: bool = False) -> Row:
    """Return the row of what was found at one horizon, as the JSON of a comparison or a search has it."""
    return Row(
        words.plain(name), found["n"], found["excess"], found.get("ci_low"), found.get("ci_high"),
        found["p_value"], found["p_adjusted"], marked,
    )  # fmt: skip


def _words(handout: Handout, ranking: list[Json], horizon: int | str) -> Words:
    content = handout.content
    studies = content["studies"]
    shown = f"The first {MOST} of {len(ranking)} studies" if len(ranking) > MOST else "A row each"
    judged = list(dict.fromkeys(one["judges"] for one in ranking))
    apart = f" First {judged[0]}s, then {judged[1]}s." if len(judged) > 1 else ""
    data = {f"{one['dataset']['name']} (sha256 {one['dataset']['sha256'][:12]})" for one in studies}
    return Words(
        title=f"{len(ranking)} studies side by side, {words.period(horizon)} after",
        sentence=whole_sentences(words.plain(handout.verdict), *LONG[1:3]),
        axis=f"Excess over each study's own base rate, in percentage points; line: 95% interval. {shown}.{apart}",
        source=words.plain(
            f"Data: {', '.join(sorted(data))}. Comparison {handout.name}, episode-backtest {content['version']}."
        ),
        alarms=alarms_of(simulated=handout.simulated, leaks=any(one.get("lookahead") for one in studies)),
    )
