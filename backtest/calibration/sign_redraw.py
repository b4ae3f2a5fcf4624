"""The same legs with the signs of their daily spread redrawn: its volatility stays, and nothing foretells it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.measure.forward import Leg
from backtest.model import Floats, Ints


def steps_of(level: Floats) -> Floats:
    """Return each session's change since the last known level, as a fraction; NaN where there is no level, or none yet.

    A level that is missing gives its change to the next one that is known, so that none is lost.
    """
    steps = np.full(len(level), np.nan)
    known = np.flatnonzero(np.isfinite(level))
    steps[known[1:]] = level[known[1:]] / level[known[:-1]] - 1.0
    return steps


def level_of(steps: Floats) -> Floats:
    """Return the level that changes lead to from 1 on; a missing change is none."""
    return np.asarray(np.cumprod(1.0 + np.nan_to_num(steps)), dtype=np.float64)


def redrawn(steps: Sequence[Floats], signs: Floats) -> list[Floats]:
    """Give what is judged other signs: the spread of two legs around their mean, or the return of one around its mean.

    Parameters
    ----------
    steps : sequence of ndarray of shape (n,)
        Changes of one or two legs, the asset first. Where one is missing, all stay as they are.
    signs : ndarray of shape (n,)
        1 or -1.

    Returns
    -------
    list of ndarray of shape (n,)
        The mean of two legs is that of before; the mean of their spread is taken off, that of an asset alone stays.
    """
    known = np.isfinite(steps).all(axis=0)
    if not known.any():
        return list(steps)
    if len(steps) == 1:
        mean = steps[0][known].mean()
        return [np.where(known, mean + signs * (steps[0] - mean), steps[0])]
    asset, benchmark = steps
    spread = asset - benchmark
    turned, middle = signs * (spread - spread[known].mean()), (asset + benchmark) / 2
    return [np.where(known, middle + turned / 2, asset), np.where(known, middle - turned / 2, benchmark)]


def draw_signs(rng: np.random.Generator, n: int) -> Floats:
    """Draw 1 or -1 for each session."""
    return rng.choice(np.array([-1.0, 1.0]), n)


def block_rows(rng: np.random.Generator, n: int, available: int, length: int) -> Ints:
    """Draw rows in blocks that begin anywhere and run on around the end.

    Parameters
    ----------
    rng : numpy.random.Generator
        Seeded by the caller.
    n, available : int
        Rows to draw, and rows there are.
    length : int
        Of a block.
    """
    starts = rng.integers(available, size=-(-n // length))
    return np.asarray(((starts[:, None] + np.arange(length)) % available).ravel()[:n], dtype=np.int64)


def redrawn_legs(legs: Sequence[Leg], rows: slice | Ints, signs: Floats) -> list[Leg]:
    """Return legs on given rows of their history, the signs of what is judged redrawn.

    Parameters
    ----------
    legs : sequence of Leg
        One or two, the asset first; each has its close, and what it is entered at, which may be its open.
    rows : slice or ndarray
        Rows of the history, in their new order.
    signs : ndarray of shape (n_rows,)
        One a session: a night and the day after it have the same.
    """
    halves = 1 if all(leg.entry is leg.close for leg in legs) else 2
    paths = [leg.close if halves == 1 else np.column_stack((leg.entry, leg.close)).ravel() for leg in legs]
    steps = [steps_of(path).reshape(-1, halves)[rows].ravel() for path in paths]
    missing = [path.reshape(-1, halves)[rows].ravel() for path in paths]
    turned = redrawn(steps, np.repeat(signs, halves))
    made = [np.where(np.isfinite(gone), level_of(one), np.nan) for one, gone in zip(turned, missing, strict=True)]
    shaped = [one.reshape(-1, halves) for one in made]
    return [_leg(one[:, -1], None if halves == 1 else one[:, 0]) for one in shaped]


def _leg(close: Floats, opened: Floats | None) -> Leg:
    return Leg(close, close if opened is None else opened)
