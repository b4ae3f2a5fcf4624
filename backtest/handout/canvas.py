"""A figure that a notebook shows by itself, and that looks alike whatever style is set. Imports matplotlib."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase

WIDTH, HEIGHT, DPI = 12.0, 6.75, 100
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "axes.unicode_minus": True,
    "text.usetex": False,
    "svg.hashsalt": "backtest",  # so that the same picture is the same bytes
}


@contextmanager
def own_style() -> Iterator[None]:
    """Draw in the default style, and let a title be in a script that the font lacks."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        yield


class Canvas(Figure):
    """A figure of 1200 by 675 points that no window and no list of open figures holds."""

    def __init__(self, paper: str) -> None:
        super().__init__(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=paper)

    def draw(self, renderer: RendererBase) -> None:
        """Draw it; ticks are made only now."""
        with own_style():
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        return png_of(self)


def png_of(figure: Figure) -> bytes:
    """Return a figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
