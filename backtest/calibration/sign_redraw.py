"""The same legs with the signs of their daily spread redrawn: volatility stays, and nothing predicts the spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.measure.forward import Leg
from backtest.model import Floats, Ints


def steps_of(level: Floats) -> Floats:
    """Return each session's change since the last known level, as a fraction; NaN if there is no level now or before.

    The change over a missing level goes to the next known one, so that no change is lost.
    """
    steps = np.full(len(level), np.nan)
    known = np.flatnonzero(np.isfinite(level))
    steps[known[1:]] = level[known[1:]] / level[known[:-1]] - 1.0
    return steps


def level_of(steps: Floats) -> Floats:
    """Return the level that results from changes, starting at 1; a missing change counts as none."""
    return np.asarray(np.cumprod(1.0 + np.nan_to_num(steps)), dtype=np.float64)


def redrawn(steps: Sequence[Floats], signs: Floats) -> list[Floats]:
    """Change the signs of the spread of two legs, or of the return of one leg, around its mean.

    Parameters
    ----------
    steps : sequence of ndarray of shape (n,)
        Changes of one or two legs, the asset first. Where one is missing, all are unchanged.
    signs : ndarray of shape (n,)
        1 or -1.

    Returns
    -------
    list of ndarray of shape (n,)
        The mean of two legs is preserved, and the mean of their spread is removed; the mean of an asset alone is kept.
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
    """Draw rows in blocks that begin anywhere and wrap around at the end.

    Parameters
    ----------
    rng : numpy.random.Generator
        Seeded by the caller.
    n, available : int
        The number of rows to draw, and the number of rows.
    length : int
        The length of a block.
    """
    starts = rng.integers(available, size=-(-n // length))
    return np.asarray(((starts[:, None] + np.arange(length)) % available).ravel()[:n], dtype=np.int64)


def redrawn_legs(legs: Sequence[Leg], rows: slice | Ints, signs: Floats) -> list[Leg]:
    """Return legs on given rows of their history, with the signs of the spread or return redrawn.

    Parameters
    ----------
    legs : sequence of Leg
        One or two, the asset first; each with its close and its entry level, which may be its open.
    rows : slice or ndarray
        Rows of the history, in their new order.
    signs : ndarray of shape (n_rows,)
        One per session: a night and the following day have the same sign.
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
