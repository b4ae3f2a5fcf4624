"""Figure for a notebook: the history that the detector watched, its episodes, and day 0 of each event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from backtest import arrow
from backtest import format as words
from backtest.handout.chosen_look import asset_of
from backtest.handout.in_picture import source_of
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
from backtest.model import Floats, Record, Sessions
from backtest.report.pages.run.lines import Line, lines_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DECADES = 1_000
"""Of a level that grew so much, only the powers of ten are written."""
FEW = 60
"""So many events at most have large dots."""


def plot_episodes(record: Record, *, asset: str | None = None, ax: Axes | None = None, dark: bool = False) -> Figure:
    """Draw the series that the detector watched, its episodes shaded, and a dot on day 0 of each event.

    Parameters
    ----------
    record : Record
        The run.
    asset : str, optional
        As `backtest.study.pictures.Pictures.plot_episodes` has it.
    ax : Axes, optional
        Where to draw the history, without the indicator.
    dark : bool
        On dark ground.

    Raises
    ------
    NotFound
        The run has no such asset.
    ExportRefused
        matplotlib is not installed, or `ax` is in no figure.
    """
    one = asset_of(record, asset)
    refuse_without_matplotlib()
    from backtest.handout.canvas import own_style

    run, look = one.run, look_of(dark=dark)
    alarms = alarms_of(simulated=bool(run["dataset"].get("synthetic")), leaks=bool(run.get("lookahead")))
    title, axis = words.plain(str(run["title"])), _axis_words(one)
    if ax is not None:
        under = figure_under(ax)
        _history(ax, one, look)
        stamp(ax, look, alarms)
        head(ax, [title, axis], alarms)
        return under
    with own_style():
        figure, height = sheet_of(Words(title, _sentence(one), axis, source_of(run), alarms), look)
        indicator = lines_of(one)[1]
        lower = 0.3 * height if indicator else 0.0
        gap = 0.07 if lower else 0.0
        axes = figure.add_axes((0.085, BOTTOM + lower + gap, RIGHT - 0.085, height - lower - gap))
        _history(axes, one, look)
        stamp(axes, look, alarms)
        if indicator:
            below = figure.add_axes((0.085, BOTTOM, RIGHT - 0.085, lower), sharex=axes)
            _indicator(below, indicator, one, look)
    return figure


def _history(axes: Axes, record: Record, look: Look) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    sessions, lines = arrow.to_days(record.tables["history"]["session"]), lines_of(record)[0]
    x, events = _days(sessions), record.tables["events"]
    if len(lines) == 1 and lines[0].log:
        axes.set_yscale("log")
    for line, colour in zip(lines, (look.ink, look.muted), strict=False):
        axes.plot(x, line.values, color=colour, linewidth=1.1, zorder=3)
    _shade(axes, events, look)
    if lines and events.num_rows:
        day0 = arrow.to_days(events["day0"])
        level = lines[0].values[np.searchsorted(sessions, day0)]
        filled = np.where(_pending(record), look.paper, look.event).tolist()
        axes.scatter(_days(day0), level, s=42 if len(day0) <= FEW else 5, c=filled, edgecolors=look.event,
                     linewidths=1.2 if len(day0) <= FEW else 0.5, zorder=5)  # fmt: skip
    if len(sessions):
        axes.set_xlim(x[0] - 1, x[-1] + 1)
    axes.xaxis_date()
    if axes.get_yscale() == "log":
        grown = np.nanmax(lines[0].values) / np.nanmin(lines[0].values)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if grown < DECADES else (1,)))
        axes.yaxis.set_minor_locator(NullLocator())
    quiet(axes, look)
    plain_numbers(axes)


def _indicator(axes: Axes, line: Line, record: Record, look: Look) -> None:
    """Draw what the detector compares with its threshold; shares in percent."""
    scale, unit = (100.0, "percent") if line.unit in words.SHARES else (1.0, line.unit)
    days = _days(arrow.to_days(record.tables["history"]["session"]))
    axes.plot(days, scale * line.values, color=look.muted, linewidth=0.8, zorder=3)
    _shade(axes, record.tables["events"], look)
    said = _with_unit(line, unit)
    if line.threshold is not None:
        axes.axhline(scale * line.threshold, color=look.mark, linewidth=1.2, linestyle=(0, (4, 3)), zorder=4)
        said += f"; dashed: threshold {words.threshold(line.threshold, line.unit)}"
    axes.set_title(words.plain(said), loc="left", fontsize=11, color=look.muted, parse_math=False)
    quiet(axes, look)
    plain_numbers(axes)


def _shade(axes: Axes, events: Any, look: Look) -> None:  # noqa: ANN401  pyarrow.Table
    first, last = (_days(arrow.to_days(events[name])) for name in ("start", "end"))
    stretches = list(zip(first - 0.5, last - first + 1, strict=True))
    edge = 0.8 if len(stretches) <= FEW else 0.2  # a session in decades is seen by its edge
    if stretches:
        axes.broken_barh(stretches, (0, 1), transform=axes.get_xaxis_transform(), facecolor=look.event,
                         edgecolor=look.event, linewidth=edge, alpha=0.22, zorder=2)  # fmt: skip


def _with_unit(line: Line, unit: str | None = None) -> str:
    shown = line.unit if unit is None else unit
    return f"{line.name}{f' ({shown})' if shown not in ('', '1') else ''}"


def _pending(record: Record) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return for each event whether its window at any horizon is pending."""
    rows = record.tables["forward_returns"].select(["event", "status"]).to_pylist()
    pending = {row["event"] for row in rows if row["status"] == "pending"}
    return np.isin(record.tables["events"]["event"].to_pylist(), sorted(pending))


def _sentence(record: Record) -> str:
    run, events = record.run, record.tables["events"]
    sample = run["sample"]
    when = f"from {words.long_day(sample['first'])} to {words.long_day(sample['last'])}"
    said = f"{words.plural(run['n_events'], 'event')} from {words.plural(run['n_episodes'], 'episode')}, {when}."
    ongoing, pending = sum(events["ongoing"].to_pylist()), int(_pending(record).sum())
    if ongoing:
        said += f" {words.plural(ongoing, 'episode')} not known to be over."
    if pending:
        said += f" Hollow: {words.plural(pending, 'event')} with a window that ends after the data."
    return said


def _axis_words(record: Record) -> str:
    lines = lines_of(record)[0]
    if not lines:
        return "No series to draw."
    shown = [_with_unit(line) if at == 0 else f"in grey {_with_unit(line)}" for at, line in enumerate(lines)]
    marks = " Shaded: episodes with an event; dots: day 0." if record.tables["events"].num_rows else ""
    return words.plain(f"{words.joined(shown)}.{marks}")


def _days(sessions: Sessions) -> Floats:
    """Return days since 1970, as matplotlib counts them."""
    days: Floats = sessions.astype("datetime64[D]").astype(np.float64)
    return days
