"""Worlds made from a real history: its own volatility and jumps, and random signs of the spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.calibration.sign_redraw import block_rows, draw_signs, redrawn, steps_of
from backtest.calibration.worlds import Returns
from backtest.errors import StudyRefused
from backtest.measure.forward import Leg
from backtest.model import Floats

BLOCK = 63
"""Sessions in a block: a quarter, so that volatility clusters within it."""


@dataclass(frozen=True, eq=False)
class RealReturns:
    """Daily returns of two real legs; arrays of shape (n,), fractions."""

    asset: Floats
    benchmark: Floats

    def __len__(self) -> int:
        return len(self.asset)


def real_returns(legs: Sequence[Leg], first: int = 0, last: int | None = None) -> RealReturns:
    """Collect the daily returns of two legs, on the sessions that both have.

    Parameters
    ----------
    legs : sequence of Leg
        The asset and the benchmark.
    first, last : int
        First and last session position that may be used.

    Raises
    ------
    StudyRefused
        There is no benchmark, or the legs have almost no common sessions.
    """
    if len(legs) != 2:
        raise StudyRefused("a world made of a history needs an asset and a benchmark.", "Set measure.benchmark.")
    begin = max(first, *(leg.span()[0] for leg in legs))
    end = min(len(legs[0].close) - 1 if last is None else last, *(leg.span()[1] for leg in legs))
    if end - begin < BLOCK:
        raise StudyRefused(
            f"the legs share {max(end - begin, 0)} daily returns; a world made of them needs {BLOCK}.",
            "Choose another dataset or an earlier --since.",
        )
    asset, benchmark = (np.nan_to_num(steps_of(leg.close[begin : end + 1])[1:]) for leg in legs)
    return RealReturns(asset, benchmark)


@dataclass(frozen=True, eq=False)
class Blockwild:
    """Blocks of a quarter from the real history in random order, with the signs of the daily spread redrawn."""

    real: RealReturns

    def __call__(self, rng: np.random.Generator, n: int) -> Returns:
        """Draw `n` daily returns."""
        rows = block_rows(rng, n, len(self.real), BLOCK)
        return _redrawn(rng, self.real.asset[rows], self.real.benchmark[rows])


@dataclass(frozen=True, eq=False)
class Realwild:
    """The last part of the real history in its own order, with the signs of the daily spread redrawn."""

    real: RealReturns

    def __call__(self, rng: np.random.Generator, n: int) -> Returns:
        """Take the last `n` daily returns, or all if there are fewer."""
        return _redrawn(rng, self.real.asset[-n:], self.real.benchmark[-n:])


def _redrawn(rng: np.random.Generator, asset: Floats, benchmark: Floats) -> Returns:
    first, second = redrawn([asset, benchmark], draw_signs(rng, len(asset)))
    return first, second
