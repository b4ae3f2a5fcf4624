"""What the page of a tuned grid can show of a set: its figures, their names, and how each is written and coloured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backtest import format as words
from backtest.report.kit.plot.axis_words import level, tick
from backtest.untyped import Json

WRITE: Mapping[str, Callable[[float | None], str]] = {
    "points": words.points,
    "percent": words.percent,
    "probability": words.probability,
    "share": words.share,
    "whole": lambda value: words.number(value, 0),
}
"""How a value is written, by the name that ``page.js`` knows, too."""

TICKS: Mapping[str, Callable[[float], str]] = {
    "points": lambda value: tick(value, " pp"),
    "percent": tick,
    "probability": level,
    "share": lambda value: f"{level(round(value * 100, 6))}%",
    "whole": lambda value: level(value) if value == round(value) else "",
}
"""How a value is written on an axis; what has no words has no place there."""


WITH_NEIGHBOURS = "excess_with_neighbours"
"""The figure that records of earlier versions lack."""


@dataclass(frozen=True)
class Figure:
    """One figure of a set.

    Attributes
    ----------
    key : str
        Its name in a row of results.
    name : str
        What it is, in words.
    write : str
        How it is written, a key of `WRITE`.
    decimals : int
        Decimals that are printed of the fraction: the page holds whole numbers.
    colours : {"around", "small", "large"}
        What is coloured most: what lies far from zero on either side, what is small, or what is large.
    """

    key: str
    name: str
    write: str
    decimals: int
    colours: str

    def listed(self) -> Json:
        """Return what a script must know of it."""
        return {"name": self.name, "write": self.write, "decimals": self.decimals, "colours": self.colours}

    def whole(self, value: float | None) -> int | None:
        """Return a value as a whole number of its last printed decimal."""
        if value is None:
            return None
        if self.write == "probability" and value < 0.001:  # printed as below it, though it may be rounded to it
            return 0
        return round(round(value, self.decimals) * 10.0**self.decimals)


def figures_of(word: str, neighbours: bool = False) -> dict[str, Figure]:
    """Return the figures in the order in which they are offered; `word`: what is judged, a spread or a return."""
    write = "points" if word == "spread" else "percent"
    found = (
        Figure("excess", "excess over the base rate", "points", 4, "around"),
        Figure(WITH_NEIGHBOURS, "excess, averaged with its neighbours", "points", 4, "around"),
        Figure("p_adjusted", "p, adjusted for all looks", "probability", 3, "small"),
        Figure("p_value", "p, this set alone", "probability", 3, "small"),
        Figure("n", "events", "whole", 0, "large"),
        Figure("hit_rate", "hit rate", "share", 2, "large"),
        Figure("mean", f"mean {word}", write, 4, "around"),
        Figure("base", "base rate", write, 4, "around"),
    )
    return {one.key: one for one in found if neighbours or one.key != WITH_NEIGHBOURS}
