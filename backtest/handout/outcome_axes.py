"""Every event at its outcome, and beside them ordinary sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest import format as words
from backtest.handout.in_picture import Finding
from backtest.handout.look import Look, plain_numbers, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DATED = 14
"""Events that each have their date below their dot; of more, the axis is time."""
ROOM = 0.12
"""Share of the drawn range above and below what is drawn."""


def axis_words(found: Finding) -> str:
    """Say what is on the vertical axis, what each dot is, and how many events have none."""
    unit = "percentage points" if found.word == "spread" else "percent"
    shown = words.plural(len(found.outcomes), "event")
    if not len(found.outcomes):
        none = f"{words.plural(found.left_out, 'event')} without a complete window" if found.left_out else "No event"
        return f"{found.subject}, in {unit}. {none}: no dot."
    missing = f"; {found.left_out} more without a complete window" if found.left_out else ""
    return f"{found.subject}, in {unit}. Each dot is one of {shown}{missing}."


def draw_events(axes: Axes, found: Finding, look: Look) -> None:
    """Draw a dot for each event, in percent, and across them mean, base rate and interval."""
    order = np.argsort(found.days, kind="stable")
    dated, n = len(order) <= DATED, len(order)
    x = np.arange(n, dtype=np.float64) if dated else found.days[order].astype("datetime64[D]").astype(np.float64)
    _lines(axes, found, look, above=1)
    size, alpha = (90.0, 1.0) if dated else (max(14.0, 60 - n / 10), 0.6)
    axes.scatter(x, 100 * found.outcomes[order], s=size, color=look.event, edgecolors=look.paper, linewidths=0.8,
                 alpha=alpha, zorder=4)  # fmt: skip
    axes.set_ylim(*_range(found))
    if dated:
        axes.set_xlim(-0.6, max(n, 1) - 0.4)
        axes.set_xticks(x, [words.day(str(day)) for day in found.days[order]], fontsize=10 if n <= 7 else 8.5)
        if n > 7:
            axes.tick_params(axis="x", rotation=30)
    else:
        axes.xaxis_date()
    quiet(axes, look)
    plain_numbers(axes)
    if not n:
        axes.text(0.5, 0.62, "no event with a complete window", transform=axes.transAxes, fontsize=13,
                  color=look.muted, ha="center", va="center")  # fmt: skip


def draw_ordinary(axes: Axes, found: Finding, look: Look) -> None:
    """Draw how ordinary sessions are spread, and name the lines."""
    axes.set_xlim(0, 1.05)
    _lines(axes, found, look, above=3)
    if found.ordinary is not None:
        edges, density = 100 * found.ordinary.edges, found.ordinary.density
        axes.barh(edges[:-1], 0.5 * density, np.diff(edges), align="edge", color=look.ordinary, linewidth=0, zorder=3)
    quiet(axes, look)
    axes.grid(visible=False)
    axes.tick_params(labelleft=False, labelbottom=False)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    name_lines(axes, found, look)
    if found.ordinary is None:
        notes = ["spread of ordinary sessions: not recorded"]
    else:
        notes = [f"grey: {words.count(found.ordinary.sessions)} ordinary sessions (99% shown)"]
    if found.interval is not None:
        notes.append("band: 95% interval of the effect")
    axes.text(0.0, -0.03, "\n".join(notes), transform=axes.transAxes, fontsize=9, color=look.muted, va="top")


def name_lines(axes: Axes, found: Finding, look: Look) -> None:
    """Name mean and base rate at their right end, without one over the other."""
    from matplotlib.patheffects import withStroke

    higher = found.mean is not None and (found.base is None or found.mean >= found.base)
    said = [
        (found.mean, f"events {words.outcome(found.mean, found.word)}", look.event, higher),
        (found.base, f"base rate {words.outcome(found.base, found.word)}", look.muted, not higher),
    ]
    halo = [withStroke(linewidth=3, foreground=look.paper)]
    for value, text, colour, above in said:
        if value is not None:
            axes.annotate(text, (1.0, 100 * value), (0, 4 if above else -4), xycoords=("axes fraction", "data"),
                          textcoords="offset points", fontsize=11, color=colour, weight="bold", ha="right",
                          va="bottom" if above else "top", zorder=6, path_effects=halo)  # fmt: skip


def _lines(axes: Axes, found: Finding, look: Look, above: int) -> None:
    """Draw interval, base rate and mean, from `above` the grid upwards."""
    if found.interval is not None:
        axes.axhspan(*(100 * end for end in found.interval), color=look.event, alpha=0.13, linewidth=0, zorder=1)
    if found.base is not None:
        axes.axhline(100 * found.base, color=look.muted, linewidth=1.2, linestyle=(0, (4, 3)), zorder=above + 1)
    if found.mean is not None:
        axes.axhline(100 * found.mean, color=look.event, linewidth=1.8, zorder=above + 2)


def _range(found: Finding) -> tuple[float, float]:
    """Return what the axis spans, in percent: all events, the interval, and the ordinary sessions that are drawn."""
    means = [value for value in (found.mean, found.base) if value is not None]
    ends = [*found.outcomes, *means, *(found.interval or ())]
    if found.ordinary is not None:
        ends += [found.ordinary.edges[0], found.ordinary.edges[-1]]
    low, high = 100 * min(ends, default=0.0), 100 * max(ends, default=0.0)
    room = ROOM * (high - low) or 1.0
    return low - room, high + room
