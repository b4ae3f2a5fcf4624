"""A run as a picture of 1200 by 675 points: the finding in words, and every event beside ordinary sessions."""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backtest import format as words
from backtest.errors import ExportRefused
from backtest.handout.handout import SIMULATED, Handout
from backtest.handout.in_picture import Finding, finding_of
from backtest.untyped import Json

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT, DPI = 12.0, 6.75, 100
SVG_SIZE = re.compile(rb'width="[^"]*pt" height="[^"]*pt"')
"""What matplotlib gives in points, which a browser draws a third larger."""
LEFT, RIGHT = 0.05, 0.95
DATED = 14
"""Events that each have their date below their dot; of more, the axis is time."""
TITLE = (60, 2)
"""Characters of a line, and lines at most."""
SHORT, LONG = (15.5, 94, 2, 0.045), (13.0, 112, 4, 0.038)
"""How a sentence is set: its size, characters of a line, lines at most, height of a line."""
ROOM = 0.12
"""Share of the drawn range above and below what is drawn."""


@dataclass(frozen=True)
class Look:
    """Colours, as on the pages."""

    paper: str
    ink: str
    muted: str
    faint: str
    event: str
    ordinary: str


LIGHT = Look("#ffffff", "#1a1e24", "#596270", "#eceef1", "#0b63ad", "#b9c0c9")
DARK = Look("#14171b", "#e8eaed", "#a5adb8", "#262b31", "#64b0f2", "#4a535f")
WARNING, WARNING_INK = "#ffd340", "#1d1500"


def picture_bytes(handout: Handout, form: str, *, dark: bool = False) -> bytes:
    """Draw the finding of a run as ``"png"`` or ``"svg"``; the same record gives the same bytes.

    Raises
    ------
    ExportRefused
        matplotlib is not installed, it is no run, or there is nothing to draw.
    """
    found = finding_of(handout)
    try:
        import matplotlib as mpl
    except ImportError:
        raise ExportRefused(
            "pictures are drawn by matplotlib, which is not installed.",
            "Install it: pip install 'episode-backtest[export]'",
        ) from None
    look, buffer = DARK if dark else LIGHT, io.BytesIO()
    settings: Any = {"svg.hashsalt": "backtest", "font.family": "DejaVu Sans", "axes.unicode_minus": True}
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # a title in a script that the font lacks
        figure = figure_of(found, look, simulated=handout.simulated)
        figure.savefig(buffer, format=form, dpi=DPI, metadata=_metadata(found, form, handout))
    content = buffer.getvalue()
    return content if form == "png" else SVG_SIZE.sub(b'width="1200" height="675"', content, count=1)


def _metadata(found: Finding, form: str, handout: Handout) -> Json:
    """Say in the file what it shows, without the time at which it was drawn."""
    said = f"{SIMULATED} {found.sentence}" if handout.simulated else found.sentence
    if form == "png":
        return {"Title": found.title, "Description": said, "Source": found.source, "Software": None}
    return {"Title": found.title, "Description": said, "Source": found.source, "Date": None, "Creator": None}


def figure_of(found: Finding, look: Look, *, simulated: bool) -> Figure:
    """Draw a finding."""
    from matplotlib.figure import Figure

    figure, top = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=look.paper), 0.955
    if simulated:
        figure.add_artist(_band(figure))
        _text(figure, 0.5, 0.9665, SIMULATED, 15, WARNING_INK, weight="bold", ha="center", va="center")
        top = 0.9
    for line in _lines(found.title, *TITLE):
        _text(figure, LEFT, top, line, 21, look.ink, weight="bold")
        top -= 0.054
    size, width, most, step = SHORT if len(textwrap.wrap(found.sentence, SHORT[1])) <= SHORT[2] else LONG
    for line in _lines(found.sentence, width, most):
        _text(figure, LEFT, top - 0.006, line, size, look.ink)
        top -= step
    bottom, height = 0.135, top - 0.135 - 0.055
    _text(figure, LEFT, top - 0.018, _axis_words(found), 11, look.muted)
    events = figure.add_axes((0.085, bottom, 0.6, height))
    beside = figure.add_axes((0.695, bottom, RIGHT - 0.695, height), sharey=events)
    _events(events, found, look)
    _ordinary(beside, found, look)
    if simulated:
        events.text(0.5, 0.5, "SIMULATED", transform=events.transAxes, fontsize=58, color=look.muted, alpha=0.16,
                    ha="center", va="center", weight="bold", zorder=0)  # fmt: skip
    for at, line in enumerate(_lines(found.source, 170, 2)):
        _text(figure, LEFT, 0.046 - at * 0.024, line, 8.5, look.muted)
    return figure


def _band(figure: Figure) -> Any:  # noqa: ANN401  a patch
    from matplotlib.patches import Rectangle

    return Rectangle((0, 0.933), 1, 0.067, transform=figure.transFigure, color=WARNING, linewidth=0)


def _axis_words(found: Finding) -> str:
    unit = "percentage points" if found.word == "spread" else "percent"
    shown = words.plural(len(found.outcomes), "event")
    missing = f"; {found.left_out} more without a complete window" if found.left_out else ""
    return f"{found.subject}, in {unit}. Each dot is one of {shown}{missing}."


def _events(axes: Axes, found: Finding, look: Look) -> None:
    order = np.argsort(found.days, kind="stable")
    dated, n = len(order) <= DATED, len(order)
    x = np.arange(n, dtype=np.float64) if dated else found.days[order].astype("datetime64[D]").astype(np.float64)
    y = 100 * found.outcomes[order]
    if found.interval is not None:
        axes.axhspan(*(100 * end for end in found.interval), color=look.event, alpha=0.13, linewidth=0, zorder=1)
    axes.axhline(100 * found.base, color=look.muted, linewidth=1.2, linestyle=(0, (4, 3)), zorder=2)
    axes.axhline(100 * found.mean, color=look.event, linewidth=1.8, zorder=3)
    size, alpha = (90.0, 1.0) if dated else (max(14.0, 60 - n / 10), 0.6)
    axes.scatter(x, y, s=size, color=look.event, edgecolors=look.paper, linewidths=0.8, alpha=alpha, zorder=4)
    axes.set_ylim(*_range(found))
    if dated:
        axes.set_xlim(-0.6, n - 0.4)
        axes.set_xticks(x, [words.day(str(day)) for day in found.days[order]], fontsize=10 if n <= 7 else 8.5)
        if n > 7:
            axes.tick_params(axis="x", rotation=30)
    else:
        axes.xaxis_date()
    _quiet(axes, look)
    axes.yaxis.set_major_formatter(lambda value, _: words.number(value, 0) if value == round(value) else f"{value:g}")
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=look.faint, linewidth=0.8)


def _ordinary(axes: Axes, found: Finding, look: Look) -> None:
    axes.set_xlim(0, 1.05)
    if found.interval is not None:
        axes.axhspan(*(100 * end for end in found.interval), color=look.event, alpha=0.13, linewidth=0, zorder=1)
    axes.axhline(100 * found.base, color=look.muted, linewidth=1.2, linestyle=(0, (4, 3)), zorder=4)
    axes.axhline(100 * found.mean, color=look.event, linewidth=1.8, zorder=5)
    if found.ordinary is not None:
        edges, density = 100 * found.ordinary.edges, found.ordinary.density
        axes.barh(edges[:-1], 0.5 * density, np.diff(edges), align="edge", color=look.ordinary, linewidth=0, zorder=3)
    _quiet(axes, look)
    axes.tick_params(labelleft=False, labelbottom=False)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    _labels(axes, found, look)


def _labels(axes: Axes, found: Finding, look: Look) -> None:
    """Name the lines, the interval and the cloud where they stand, without one over another."""
    from matplotlib.patheffects import withStroke

    mean, base = (words.outcome(value, found.word) for value in (found.mean, found.base))
    higher = found.mean >= found.base
    said = [
        (found.mean, f"events {mean}", look.event, higher),
        (found.base, f"base rate {base}", look.muted, not higher),
    ]
    halo = [withStroke(linewidth=3, foreground=look.paper)]
    for value, text, colour, above in said:
        axes.annotate(text, (1.05, 100 * value), (0, 4 if above else -4), textcoords="offset points", fontsize=11,
                      color=colour, weight="bold", ha="right", va="bottom" if above else "top", zorder=6,
                      path_effects=halo)  # fmt: skip
    if found.ordinary is None:
        notes = ["how ordinary sessions are spread: not in this record"]
    else:
        notes = [f"grey: {words.count(found.ordinary.sessions)} ordinary sessions (99% shown)"]
    if found.interval is not None:
        notes.append("band: 95% interval of the effect")
    axes.text(0.0, -0.03, "\n".join(notes), transform=axes.transAxes, fontsize=9, color=look.muted, va="top")


def _range(found: Finding) -> tuple[float, float]:
    """Return what the axis spans, in percent: all events, the interval, and the ordinary sessions that are drawn."""
    ends = [*found.outcomes, found.mean, found.base, *(found.interval or ())]
    if found.ordinary is not None:
        ends += [found.ordinary.edges[0], found.ordinary.edges[-1]]
    low, high = 100 * min(ends), 100 * max(ends)
    room = ROOM * (high - low) or 1.0
    return low - room, high + room


def _quiet(axes: Axes, look: Look) -> None:
    axes.set_facecolor(look.paper)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(look.muted)
    axes.tick_params(colors=look.muted, labelsize=10, length=0)


def _text(figure: Figure, x: float, y: float, text: str, size: float, colour: str, **more: Any) -> None:  # noqa: ANN401
    """Write a text as it is: a dollar sign begins no formula."""
    options = {"ha": "left", "va": "top", **more}
    figure.text(x, y, text, fontsize=size, color=colour, parse_math=False, **options)


def _lines(text: str, width: int, most: int) -> list[str]:
    return textwrap.wrap(text, width, max_lines=most, placeholder=" …") or [""]
