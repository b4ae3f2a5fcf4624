"""Figure for a notebook: what came after every event over one horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest import format as words
from backtest.handout.chosen_look import asset_of, look_in
from backtest.handout.in_picture import Finding, finding_at
from backtest.handout.look import alarms_of, figure_under, head, look_of, refuse_without_matplotlib, stamp
from backtest.handout.outcome_axes import axis_words, draw_events, name_lines
from backtest.handout.picture import figure_of
from backtest.model import Asked, Record, measured_by
from backtest.untyped import Json

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_outcomes(
    record: Record,
    horizon: Asked | None = None,
    *,
    asset: str | None = None,
    ax: Axes | None = None,
    dark: bool = False,
    worded: bool = True,
) -> Figure:
    """Draw what came after every event over one horizon, beside ordinary sessions.

    Parameters
    ----------
    record : Record
        The run.
    horizon, asset : optional
        As `backtest.study.pictures.Pictures.plot_outcomes` has them.
    ax : Axes, optional
        Where to draw the events, without the ordinary sessions.
    dark : bool
        On dark ground.
    worded : bool
        With title and sentence.

    Raises
    ------
    NotFound
        The run has no such horizon or asset.
    ExportRefused
        matplotlib is not installed, or `ax` is in no figure.
    """
    one = asset_of(record, asset)
    row = look_in(one, horizon)
    found, simulated = finding_at(one, row, look_words(row, one)), bool(one.run["dataset"].get("synthetic"))
    refuse_without_matplotlib()
    look = look_of(dark=dark)
    if ax is None:
        return figure_of(found, look, simulated=simulated, worded=worded)
    under = figure_under(ax)
    _on_axes(ax, found, simulated=simulated, dark=dark)
    return under


def _on_axes(ax: Axes, found: Finding, *, simulated: bool, dark: bool) -> None:
    look, alarms = look_of(dark=dark), alarms_of(simulated=simulated, leaks=found.leaks)
    draw_events(ax, found, look)
    name_lines(ax, found, look)
    stamp(ax, look, alarms)
    band = " Band: 95% interval of the effect." if found.interval is not None else ""
    head(ax, [found.title, axis_words(found) + band], alarms)


def look_words(row: Json, record: Record) -> str:
    """Say what was found over one horizon, and how many windows are not complete.

    Parameters
    ----------
    row : dict
        The horizon, as ``run.json`` has it.
    record : Record
        The run as the asset has it.
    """
    of, after = measured_by(record.run["legs"]), f"After {words.period(row['horizon'])}"
    if not row["n"]:
        parts = [f"{after}: no event has a complete window" if record.run["n_events"] else f"{after}: no event"]
    else:
        counted = words.plural(row["n"], "event")
        parts = [f"{after}: mean {of.word} {words.outcome(row[of.mean], of.word)} over {counted}"]
    if row[of.base_mean] is not None:
        parts.append(f"base rate {words.outcome(row[of.base_mean], of.word)}")
    if row["n"] and row["excess"] is not None:
        parts.append(f"excess {words.points(row['excess'])}")
    if row.get("ci_low") is not None:
        parts.append(f"95% interval {words.points_range(row['ci_low'], row['ci_high'])}")
    if row.get("p_adjusted") is not None:
        parts.append(f"adjusted p {words.probability(row['p_adjusted'])}")
    doubt = [f"It does not hold: {row['doubt']}."] if row.get("doubt") else []
    return " ".join([f"{', '.join(parts)}.", *doubt, *_incomplete(row)])


def _incomplete(row: Json) -> list[str]:
    counts = [(row.get("pending") or 0, "pending"), (row.get("not_covered") or 0, "not covered")]
    told = [f"{words.plural(n, 'window')} {'is' if n == 1 else 'are'} {what}" for n, what in counts if n]
    return [f"{words.joined(told)}."] if told else []
