"""One chart as SVG.

Places are shares of the chart, so that one picture fits every width: text and dots keep their size, lines stretch, and
their strokes do not. Colours are those of the style sheet, by class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from backtest import format as words
from backtest.report.kit.plot.scale import Floats, Scale

if TYPE_CHECKING:
    from markupsafe import Markup

WIDE, HIGH = 2000, 600
"""Units of the box in which lines are drawn."""
FEW = 4
"""Labels that fit side by side on a telephone."""


class Plot:
    """A chart that is being drawn; what is drawn first lies below."""

    def __init__(self, x: Scale, y: Scale) -> None:
        self.x, self.y = x, y
        self._parts: list[str] = []

    def across(self, ticks: Iterable[float], write: Callable[[float], str]) -> None:
        """Draw lines across the chart, each with its value on the left."""
        for value in ticks:
            at = _percent(1 - self.y.at(value))
            self._parts.append(
                f'<line class="grid" x2="100%" y1="{at}" y2="{at}"/>'
                f'<text class="y" x="-8" y="{at}" dy=".32em">{_text(write(value))}</text>'
            )

    def along(self, ticks: Sequence[tuple[float, str]], *, lines: bool = False) -> None:
        """Write labels below the chart, of which a telephone shows fewer; draw their lines if asked."""
        for number, (value, label) in enumerate(ticks):
            at = _percent(self.x.at(value))
            if lines:
                self._parts.append(f'<line class="grid" x1="{at}" x2="{at}" y2="100%"/>')
            hidden = " wide" if len(ticks) > FEW and number % 2 else ""
            self._parts.append(f'<text class="x{hidden}" x="{at}" y="100%" dy="1.45em">{_text(label)}</text>')

    def line(self, x: Floats, y: Floats, kind: str) -> None:
        """Draw a line; NaN is a gap, and a value between two gaps a dot."""
        self._path(path_of(self.x.at(x), self.y.at(y)), f"line {kind}")

    def band(self, x: Floats, low: Floats, high: Floats, kind: str) -> None:
        """Fill between two lines, wherever both have a value."""
        at, bottom, top = self.x.at(x), self.y.at(low), self.y.at(high)
        parts = []
        for begin, end in _stretches(np.isfinite(bottom) & np.isfinite(top)):
            here = slice(begin, end)
            ring = (np.concatenate((at[here], at[here][::-1])), np.concatenate((top[here], bottom[here][::-1])))
            parts.append(path_of(*ring) + "z")
        self._path("".join(parts), f"fill {kind}")

    def bars(self, left: Floats, right: Floats, low: Floats, high: Floats, kind: str) -> None:
        """Fill rectangles, each between two values of x and two of y."""
        x0, x1 = (np.rint(self.x.at(side) * WIDE).astype(np.int64).tolist() for side in (left, right))
        y0, y1 = (np.rint((1 - self.y.at(side)) * HIGH).astype(np.int64).tolist() for side in (low, high))
        shapes = zip(x0, x1, y0, y1, strict=True)
        self._path("".join(f"M{a} {c}V{d}H{b}V{c}z" for a, b, c, d in shapes), f"fill {kind}")

    def columns(self, edges: Floats, heights: Floats, kind: str, titles: Sequence[str]) -> None:
        """Draw columns from zero between neighbouring edges, each of which says what it is where a pointer rests."""
        x, y = (self.x.at(edges) * 100).tolist(), ((1 - self.y.at(heights)) * 100).tolist()
        bottom = float(1 - self.y.at(0.0)) * 100
        rects = "".join(
            f'<rect x="{left:.2f}%" y="{top:.2f}%" width="{right - left:.2f}%" height="{bottom - top:.2f}%"'
            f"{_title(title, 'rect')}"
            for left, right, top, title in zip(x, x[1:], y, titles, strict=False)
        )
        self._parts.append(f'<g class="fill {kind}">{rects}</g>')

    def upright(self, x: float, kind: str, low: float = 0.0, high: float = 1.0) -> None:
        """Draw a line from the bottom to the top, or between two shares of the height."""
        at = _percent(self.x.at(x))
        ends = f'y1="{_percent(1 - high)}" y2="{_percent(1 - low)}"'
        self._parts.append(f'<line class="{kind}" x1="{at}" x2="{at}" {ends}/>')

    def level(self, y: float, kind: str, left: float | None = None, right: float | None = None) -> None:
        """Draw a line from one side to the other, or between two values of x."""
        at = _percent(1 - self.y.at(y))
        x1 = "0" if left is None else _percent(self.x.at(left))
        x2 = "100%" if right is None else _percent(self.x.at(right))
        self._parts.append(f'<line class="{kind}" x1="{x1}" x2="{x2}" y1="{at}" y2="{at}"/>')

    def dot(self, x: float, y: float, kind: str, title: str = "", radius: float = 5) -> None:
        """Draw a dot, which says what it is where a pointer rests."""
        at = f'cx="{_percent(self.x.at(x))}" cy="{_percent(1 - self.y.at(y))}"'
        self._parts.append(f'<circle class="{kind}" {at} r="{radius:g}"{_title(title)}')

    def dots(self, dots: Sequence[tuple[float, float, str, str]], radius: float) -> None:
        """Draw many dots, each with its place, its class and what it says; as few characters a dot as can be."""
        for kind in dict.fromkeys(dot[2] for dot in dots):
            mine = [dot for dot in dots if dot[2] == kind]
            x = np.round(self.x.at(np.array([dot[0] for dot in mine])) * 100, 1).tolist()
            y = np.round((1 - self.y.at(np.array([dot[1] for dot in mine]))) * 100, 1).tolist()
            circles = "".join(
                f'<circle cx="{a:g}%" cy="{b:g}%" r="{radius:g}"{_title(dot[3])}'
                for a, b, dot in zip(x, y, mine, strict=True)
            )
            self._parts.append(f'<g class="{kind}">{circles}</g>')

    def text(self, x: float, y: float, text: str, kind: str = "", dx: float = 0, dy: str = ".32em") -> None:
        """Write a text at a value, moved by some pixels; its class says how it is anchored."""
        at = f'x="{_percent(self.x.at(x))}" y="{_percent(1 - self.y.at(y))}"'
        moved = f' dx="{dx:g}"' if dx else ""
        self._parts.append(f'<text class="{kind}" {at}{moved} dy="{dy}">{_text(text)}</text>')

    def label(self, y: float, text: str, kind: str = "y") -> None:
        """Write a text on the left of the chart."""
        at = _percent(1 - self.y.at(y))
        self._parts.append(f'<text class="{kind}" x="-8" y="{at}" dy=".32em">{_text(text)}</text>')

    def svg(self, label: str, stamp: str = "") -> Markup:
        """Return the picture.

        Parameters
        ----------
        label : str
            What it shows, for those who do not see it.
        stamp : str
            What must be known of the picture wherever it is copied to, such as that the data are simulated.
        """
        from markupsafe import Markup

        mark = f'<text class="stamp" x="100%" y="-6">{_text(stamp)}</text>' if stamp else ""
        inside = "".join(self._parts)
        return Markup(f'<svg class="plot" role="img" aria-label="{_text(label)}">{inside}{mark}</svg>')

    def _path(self, path: str, kind: str) -> None:
        if path:
            self._parts.append(
                f'<svg viewBox="0 0 {WIDE} {HIGH}" preserveAspectRatio="none" width="100%" height="100%">'
                f'<path class="{kind}" d="{path}"/></svg>'
            )


def path_of(x: Floats, y: Floats) -> str:
    """Return the path of a line whose places are shares of the chart, the unbroken parts one after another."""
    known = np.isfinite(x) & np.isfinite(y)
    across = np.rint(np.where(known, x, 0.0) * WIDE).astype(np.int64)
    down = np.rint((1 - np.where(known, y, 0.0)) * HIGH).astype(np.int64)
    parts = []
    for begin, end in _stretches(known):
        steps = zip(np.diff(across[begin:end]).tolist(), np.diff(down[begin:end]).tolist(), strict=True)
        rest = " ".join([f"{right} {below}" for right, below in steps]) or "0 0"
        parts.append(f"M{across[begin]} {down[begin]}l{rest.replace(' -', '-')}")
    return "".join(parts)


def _stretches(known: np.ndarray) -> list[tuple[int, int]]:
    """Return begin and end of every unbroken run; the end lies behind it."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], known.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _title(text: str, tag: str = "circle") -> str:
    """End an element, with what it says where a pointer rests."""
    return f"><title>{_text(text)}</title></{tag}>" if text else "/>"


def _percent(share: Floats | float) -> str:
    return f"{float(share) * 100:.2f}%"


def _text(text: str) -> str:
    return escape(words.plain(text))
