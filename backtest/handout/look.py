"""How a picture looks: the colours of the pages, quiet axes, texts that are no formulas, and what must be loud."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backtest import format as words
from backtest.errors import ExportRefused
from backtest.handout.handout import SIMULATED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAKS = "LOOKS AHEAD: the detector used data that were not yet known."


@dataclass(frozen=True)
class Look:
    """Colours, as on the pages."""

    paper: str
    ink: str
    muted: str
    faint: str
    event: str
    ordinary: str
    mark: str


LIGHT = Look("#ffffff", "#1a1e24", "#596270", "#eceef1", "#0b63ad", "#b9c0c9", "#9a1f6b")
DARK = Look("#14171b", "#e8eaed", "#a5adb8", "#262b31", "#64b0f2", "#4a535f", "#e58fc4")
WARNING, WARNING_INK = "#ffd340", "#1d1500"


def look_of(*, dark: bool) -> Look:
    """Return the colours on dark or on light ground."""
    return DARK if dark else LIGHT


def alarms_of(*, simulated: bool, leaks: bool) -> Mapping[str, str]:
    """Return what no picture may be parted from: the words across it, and the sentence above it."""
    every = {"SIMULATED": (simulated, SIMULATED), "LOOKS AHEAD": (leaks, LEAKS)}
    return {word: sentence for word, (applies, sentence) in every.items() if applies}


def refuse_without_matplotlib() -> None:
    """Import matplotlib.

    Raises
    ------
    ExportRefused
        It is not installed.
    """
    try:
        import matplotlib  # noqa: F401  only whether it is there
    except ImportError:
        raise ExportRefused(
            "pictures are drawn by matplotlib, which is not installed.",
            "Install it: pip install 'episode-backtest[export]'",
        ) from None


def quiet(axes: Axes, look: Look) -> None:
    """Leave of the frame the left and the lower line, in muted ink."""
    axes.set_facecolor(look.paper)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(look.muted)
    axes.tick_params(colors=look.muted, labelsize=10, length=0)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=look.faint, linewidth=0.8)


def plain_numbers(axes: Axes) -> None:
    """Write the numbers of the vertical axis as everywhere: with a typographic minus."""
    axes.yaxis.set_major_formatter(
        lambda value, _: words.number(value, 0) if value == round(value) else words.significant(value)
    )


def figure_under(axes: Axes) -> Figure:
    """Return the figure that holds some axes.

    Raises
    ------
    ExportRefused
        They were taken out of it.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ExportRefused("ax is in no figure any more.", "Make new axes: fig, ax = plt.subplots()")
    return figure


def stamp(axes: Axes, look: Look, alarms: Mapping[str, str]) -> None:
    """Write across the axes what they must not be parted from."""
    for at, word in enumerate(alarms):
        axes.text(0.5, 0.5 + 0.24 * (at - (len(alarms) - 1) / 2), word, transform=axes.transAxes, color=look.muted,
                  fontsize=axes.bbox.width / axes.figure.dpi * 72 / 11, alpha=0.16, ha="center", va="center",
                  weight="bold", zorder=0)  # fmt: skip


def head(axes: Axes, texts: list[str], alarms: Mapping[str, str]) -> None:
    """Write above axes that stand in someone else's figure what they show, the alarms first."""
    broad = max(30, int(axes.bbox.width / figure_under(axes).dpi * 13))
    lines = [*alarms, *(line for text in texts for line in wrapped(text, broad, 3))]
    options: Any = {"backgroundcolor": WARNING, "color": WARNING_INK, "weight": "bold"} if alarms else {}
    axes.set_title("\n".join(lines), loc="left", fontsize=9, parse_math=False, **options)


def whole_sentences(text: str, width: int, most: int) -> str:
    """Return as many sentences from the first on as fit into so many lines, and the first in any case."""
    first, *others = re.split(r"(?<=[.!?]) (?=[A-Z0-9])", text)
    kept = first
    for sentence in others:
        if len(textwrap.wrap(f"{kept} {sentence}", width)) > most:
            break
        kept = f"{kept} {sentence}"
    return kept


def wrapped(text: str, width: int, most: int) -> list[str]:
    """Break a text into so many lines at most."""
    return textwrap.wrap(text, width, max_lines=most, placeholder=" …")
