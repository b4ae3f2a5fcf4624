"""Figure for a notebook: the paths around day 0, each event's, their mean, and the base rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest import arrow
from backtest import format as words
from backtest.errors import NotFound, did_you_mean
from backtest.handout.chosen_look import asset_of, called
from backtest.handout.in_picture import source_of, subject_of
from backtest.handout.look import (
    Look,
    alarms_of,
    figure_under,
    head,
    look_of,
    plain_numbers,
    quiet,
    refuse_without_matplotlib,
    stamp,
)
from backtest.handout.sheet import BOTTOM, RIGHT, Words, sheet_of
from backtest.model import Floats, Record, measured_by

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EACH = 60
"""Events whose paths are drawn one by one; of more, only mean and quartiles."""


def plot_path(
    record: Record, leg: str | None = None, *, asset: str | None = None, ax: Axes | None = None, dark: bool = False
) -> Figure:
    """Draw the cumulative returns around day 0.

    Parameters
    ----------
    record : Record
        The run.
    leg, asset : optional
        As `backtest.study.pictures.Pictures.plot_path` has them.
    ax : Axes, optional
        Where to draw.
    dark : bool
        On dark ground.

    Raises
    ------
    NotFound
        The run has no such leg or asset.
    ExportRefused
        matplotlib is not installed, or `ax` is in no figure.
    """
    one = asset_of(record, asset)
    of = measured_by(one.run["legs"])
    if leg is not None and leg not in of.legs:
        raise NotFound(f"leg '{leg}' is not in run '{one.run['run_id']}'.", did_you_mean(str(leg), of.legs))
    refuse_without_matplotlib()
    from backtest.handout.canvas import own_style

    drawn, look = leg or of.key, look_of(dark=dark)
    alarms = alarms_of(simulated=bool(one.run["dataset"].get("synthetic")), leaks=bool(one.run.get("lookahead")))
    title, sentence, axis = words.plain(str(one.run["title"])), _sentence(one, drawn), _axis_words(one, drawn)
    if ax is not None:
        under = figure_under(ax)
        _draw(ax, one, drawn, look)
        stamp(ax, look, alarms)
        head(ax, [title, axis], alarms)
        return under
    with own_style():
        figure, height = sheet_of(Words(title, sentence, axis, source_of(one.run), alarms), look)
        axes = figure.add_axes((0.085, BOTTOM, RIGHT - 0.085, height))
        _draw(axes, one, drawn, look)
        stamp(axes, look, alarms)
    return figure


def _draw(axes: Axes, record: Record, leg: str, look: Look) -> None:
    from matplotlib.collections import LineCollection

    table = record.tables["average_path"]
    offsets = arrow.to_floats(table["offset"])
    mean, low, high, base = (100 * arrow.to_floats(table[f"{leg}_{what}"]) for what in ("mean", "low", "high", "base"))
    for line in (axes.axvline, axes.axhline):
        line(0, color=look.ordinary, linewidth=1, zorder=1)
    axes.fill_between(offsets, low, high, color=look.event, alpha=0.13, linewidth=0, zorder=2)
    paths = _event_paths(record, leg)
    if len(paths) <= EACH:
        axes.add_collection(LineCollection(paths, colors=look.event, linewidths=0.8, alpha=0.35, zorder=3))
    axes.plot(offsets, base, color=look.muted, linewidth=1.5, linestyle=(0, (4, 3)), zorder=4)
    axes.plot(offsets, mean, color=look.event, linewidth=2.4, zorder=5)
    axes.autoscale_view()
    axes.margins(x=0)
    axes.set_xlabel("sessions from day 0", fontsize=10, color=look.muted)
    quiet(axes, look)
    plain_numbers(axes)
    axes.xaxis.set_major_formatter(lambda value, _: words.number(value, 0))


def _event_paths(record: Record, leg: str) -> list[Floats]:
    """Return the path of each event, in percent, as points of shape (n_offsets, 2)."""
    table = record.tables["paths"]
    event, offset, value = (arrow.to_floats(table[name]) for name in ("event", "offset", leg))
    ends = np.flatnonzero(np.diff(event)) + 1
    return [part for part in np.split(np.column_stack((offset, 100 * value)), ends) if len(part)]


def _sentence(record: Record, leg: str) -> str:
    """Say where the mean ends, and beside which base rate; and how many events reach the ends of the window."""
    events, table = record.tables["events"].num_rows, record.tables["average_path"]
    n = arrow.to_floats(table["n"])
    if not events or not n.any():
        return (
            "No event has a path: only the base rate is drawn." if events else "No event: only the base rate is drawn."
        )
    at = int(np.flatnonzero(n)[-1])
    word = "spread" if leg == "spread" else "return"
    mean, base = (words.outcome(table[f"{leg}_{what}"][at].as_py(), word) for what in ("mean", "base"))
    offset = words.period(int(table["offset"][at].as_py()))
    said = f"{offset} after day 0, the mean {word} of {words.plural(int(n[at]), 'event')} is {mean}; base rate {base}."
    return f"{said} {_reach(n, events)}".strip()


def _reach(n: Floats, events: int) -> str:
    fewest = int(n.min())
    return f"The fewest at any offset: {fewest:,} of {events:,}." if fewest < events else ""


def _axis_words(record: Record, leg: str) -> str:
    of, run = measured_by(record.run["legs"]), record.run
    subject = subject_of(run) if leg == of.key else called(run, leg)
    unit = "percentage points" if leg == "spread" else "percent"
    events = record.tables["events"].num_rows
    each = f"; thin: each of {words.plural(events, 'event')}" if 0 < events <= EACH else ""
    drawn = f"Thick: mean of the events{each}; band: quartiles; dashed" if events else "Dashed"
    return f"{words.plain(subject)} since day 0, in {unit}. {drawn}: base rate."
