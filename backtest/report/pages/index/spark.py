"""The small picture of a run: its excess over the base rate, horizon by horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backtest.format import period, points
from backtest.model.home import Look, RunFacts

WIDTH, HEIGHT, MARGIN = 96.0, 28.0, 3.0


@dataclass(frozen=True)
class Spark:
    """A line in a box of ``WIDTH`` by ``HEIGHT``.

    Attributes
    ----------
    lines : tuple of str
        Points of each stretch without a gap, as SVG's ``points``; a single point twice.
    zero : float
        Height of no excess.
    dot : tuple of float or None
        The look that the verdict speaks of.
    words : str
        The same in words.
    """

    lines: tuple[str, ...]
    zero: float
    dot: tuple[float, float] | None
    words: str


def spark_of(facts: RunFacts) -> Spark | None:
    """Draw the looks of a run; of several assets, of the one that the verdict speaks of. None without any excess.

    Horizons stand side by side at equal distance; the scale is the run's own and holds zero. Where a horizon has no
    excess, the line has a gap.
    """
    best = facts.spoken_of
    asset = best.asset if best else next((look.asset for look in facts.looks), "")
    looks = [look for look in facts.looks if look.asset == asset]
    given = [look.excess for look in looks if look.excess is not None]
    if not given:
        return None
    low, high = min(0.0, *given), max(0.0, *given)
    spread = (high - low) or 1.0

    def height(excess: float) -> float:
        return round(MARGIN + (HEIGHT - 2 * MARGIN) * (high - excess) / spread, 1)

    def across(at: int) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (at / (len(looks) - 1) if len(looks) > 1 else 0.5), 1)

    drawn = [None if look.excess is None else (across(at), height(look.excess)) for at, look in enumerate(looks)]
    dot = next((point for look, point in zip(looks, drawn, strict=True) if look is best), None)
    return Spark(_stretches(drawn), height(0.0), dot, _words(looks, asset))


def _stretches(drawn: Sequence[tuple[float, float] | None]) -> tuple[str, ...]:
    stretches: list[list[tuple[float, float]]] = [[]]
    for point in drawn:
        if point is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    return tuple(" ".join(f"{x:g},{y:g}" for x, y in (one if len(one) > 1 else one * 2)) for one in stretches if one)


def _words(looks: Sequence[Look], asset: str) -> str:
    each = ", ".join(f"{points(look.excess)} over {period(look.horizon)}" for look in looks)
    return f"Excess over the base rate{f' of {asset}' if asset else ''}: {each}"
