"""The sheet of a picture: alarms, title, sentence, what is on the axis, and the source; the axes stand between."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backtest.handout.look import WARNING, WARNING_INK, Look, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from backtest.handout.canvas import Canvas

LEFT, RIGHT = 0.05, 0.95
BOTTOM = 0.135
TITLE = (60, 2)
"""Characters of a line, and lines at most."""
SHORT, LONG = (15.5, 94, 2, 0.045), (13.0, 112, 4, 0.038)
"""How a sentence is set: its size, characters of a line, lines at most, height of a line."""
AXIS = (150, 2)
BAND = 0.067
"""Height of one alarm."""


@dataclass(frozen=True)
class Words:
    """What is written around the axes; an empty title or sentence takes no room.

    Attributes
    ----------
    title, sentence, axis, source : str
        The study, what it found, what is drawn, and on what it rests.
    alarms : mapping of str to str
        What must be loud, as `backtest.handout.look.alarms_of` gives it.
    """

    title: str
    sentence: str
    axis: str
    source: str
    alarms: Mapping[str, str]


def sheet_of(said: Words, look: Look) -> tuple[Canvas, float]:
    """Return a figure with its words, and how much of its height above `BOTTOM` is left for axes."""
    from backtest.handout.canvas import Canvas

    figure, top = Canvas(look.paper), 1.0
    for sentence in said.alarms.values():
        top -= BAND
        _band(figure, top, sentence)
    top -= 0.033 if said.alarms else 0.045
    for line in wrapped(said.title, *TITLE):
        _text(figure, LEFT, top, line, 21, look.ink, weight="bold")
        top -= 0.054
    size, width, most, step = SHORT if len(textwrap.wrap(said.sentence, SHORT[1])) <= SHORT[2] else LONG
    for line in wrapped(said.sentence, width, most):
        _text(figure, LEFT, top - 0.006, line, size, look.ink)
        top -= step
    axis = wrapped(said.axis, *AXIS)
    for at, line in enumerate(axis):
        _text(figure, LEFT, top - 0.018 - 0.03 * at, line, 11, look.muted)
    for at, line in enumerate(wrapped(said.source, 170, 2)):
        _text(figure, LEFT, 0.046 - at * 0.024, line, 8.5, look.muted)
    return figure, top - 0.055 - 0.03 * (len(axis) - 1) - BOTTOM


def _band(figure: Figure, bottom: float, sentence: str) -> None:
    from matplotlib.patches import Rectangle

    figure.add_artist(
        Rectangle((0, bottom), 1, BAND, transform=figure.transFigure, color=WARNING, linewidth=0, zorder=0)
    )
    _text(figure, 0.5, bottom + BAND / 2, sentence, 15, WARNING_INK, weight="bold", ha="center", va="center")


def _text(figure: Figure, x: float, y: float, text: str, size: float, colour: str, **more: Any) -> None:  # noqa: ANN401
    """Write a text as it is: a dollar sign begins no formula."""
    options = {"ha": "left", "va": "top", **more}
    figure.text(x, y, text, fontsize=size, color=colour, parse_math=False, **options)
