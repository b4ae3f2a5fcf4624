"""Drawdowns: the largest fall from a high to a later low within each window, entry included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.measure.forward import Forward, Leg
from backtest.model import Floats


def drawdowns(legs: Sequence[Leg], forward: Forward, span: tuple[int, int]) -> dict[str, Floats]:
    """Return the drawdown of each leg with every session of a span as day 0.

    Parameters
    ----------
    legs : sequence of Leg
        What is held, the asset first.
    forward : Forward
        As `backtest.measure.forward.measure_forward` gives it.
    span : (int, int)
        First and last session position that is asked for: a base rate is often of the later part of a history.

    Returns
    -------
    dict of str to ndarray of shape (n_sessions, n_horizons)
        By leg, at most 0. Of what is held, the lowest level relative to the highest before it, minus 1, over the
        levels at which a position is entered and left: closes, or opens where entry is at the open. Of the spread,
        which has no level, the largest fall in points, as a fraction, of the cumulative spread since entry. A level
        that is missing within a window is passed over. NaN outside the span, and where the window is not complete on
        that leg.
    """
    n, first, end = len(legs[0].entry), span[0], span[1] + 1
    lengths = np.where(forward.leave < n, forward.lengths, 0)[first:end]
    walked = np.flatnonzero(np.bincount(lengths[lengths > 0])).tolist()
    if not walked:
        return {leg: np.full(returned.shape, np.nan) for leg, returned in forward.legs.items()}
    reach = slice(first + forward.lag, end + forward.lag + walked[-1])
    levels = [leg.entry[reach] for leg in legs]
    found = [_falls(level, walked) for level in levels]
    if len(levels) > 1:
        found.append(_spread_falls(levels[0], levels[1], walked))
    row, column = np.nonzero(lengths)
    which = np.searchsorted(walked, lengths[row, column])
    result = {}
    for (leg, returned), falls in zip(forward.legs.items(), found, strict=True):
        values = np.full(returned.shape, np.nan)
        values[first + row, column] = falls[row, which]
        result[leg] = np.where(np.isfinite(returned), values, np.nan)
    return result


@dataclass(frozen=True)
class _Stretch:
    """As many levels in a row from every session on: the highest, the lowest, and the lowest relative to one before."""

    high: Floats
    low: Floats
    fallen: Floats

    def then(self, more: _Stretch, points: int) -> _Stretch:
        """Put the stretches that begin `points` levels later behind these."""
        n = max(len(more.high) - points, 0)
        high, low, fallen = (values[points : points + n] for values in (more.high, more.low, more.fallen))
        across = np.fmin(fallen, low / self.high[:n])
        return _Stretch(np.fmax(self.high[:n], high), np.fmin(self.low[:n], low), np.fmin(self.fallen[:n], across))


def _falls(level: Floats, lengths: Sequence[int]) -> Floats:
    """Put windows together of stretches of 1, 2, 4, … levels, each made of two of the size below: n log h steps."""
    result = np.full((len(level), len(lengths)), np.nan)
    window = _Stretch(level, level, np.ones(len(level)))
    doubled, points = [window], 1
    for column, length in enumerate(lengths):
        missing = min(length + 1, len(level) + 1) - points
        for power in range(missing.bit_length()):
            if power == len(doubled):
                doubled.append(doubled[-1].then(doubled[-1], 1 << (power - 1)))
            if missing >> power & 1:
                window = window.then(doubled[power], points)
                points += 1 << power
        result[: len(window.fallen), column] = window.fallen - 1.0
    return result


def _spread_falls(asset: Floats, benchmark: Floats, lengths: Sequence[int]) -> Floats:
    """Walk all windows at once, a session at a time: the cumulative spread starts from zero at every entry."""
    result = np.full((len(asset), len(lengths)), np.nan)
    known = np.flatnonzero(np.isfinite(asset - benchmark))
    first, n = (int(known[0]), int(known[-1]) + 1 - int(known[0])) if len(known) else (0, 0)
    asset, benchmark = asset[first : first + n], benchmark[first : first + n]
    # Those that pass missing levels over take ten times as long.
    higher, lower = (np.maximum, np.minimum) if len(known) == n else (np.fmax, np.fmin)
    column = {length: at for at, length in enumerate(lengths)}
    high, fall, spread, other = np.zeros(n), np.zeros(n), np.empty(n), np.empty(n)
    for step in range(1, min(lengths[-1], n - 1) + 1):
        inside = n - step
        high, fall, spread, other = high[:inside], fall[:inside], spread[:inside], other[:inside]
        np.divide(asset[step:], asset[:inside], out=spread)
        np.divide(benchmark[step:], benchmark[:inside], out=other)
        np.subtract(spread, other, out=spread)
        higher(high, spread, out=high)
        np.subtract(spread, high, out=spread)
        lower(fall, spread, out=fall)
        if step in column:
            result[first : first + inside, column[step]] = fall
    return result
