r"""How widely a forward spread is expected to vary, as known on day 0.

Events come when volatility is high, and volatility clusters: without a scale that knows this, ordinary turbulence after
an event looks like an effect. The variance of the spread over the next h sessions is regressed on two EWMA variances,
that of the daily spread and that of the mean of the two legs,

.. math:: s_h^2(t) = a_h + b_h v_t + c_h m_t, \qquad v_t = \lambda v_{t-1} + (1 - \lambda) x_t^2,

with b and c not below zero, and the decay of RiskMetrics (1996), 0.94. The regression corrects the noise of both and
lets them fade with the horizon. The legs' own variance matters because detectors look at the legs: a streak in small
caps says more of the turbulence to come than the spread alone does. An asset without a benchmark has one variance, its
own.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from backtest.model import Bools, Floats, Ints

DECAY = 0.94
WARM_UP = 21
"""Sessions whose mean square starts the average."""
LEAST = 0.1
"""The scale never falls below this share of its mean: a regression line may cross zero, a variance may not."""


def ewma_variance(daily: Floats) -> Floats:
    """Return the exponentially weighted mean square of a daily series, up to and including each session.

    Parameters
    ----------
    daily : ndarray of shape (n_sessions,)
        Daily spread returns as fractions. A missing one leaves the average where it was.

    Returns
    -------
    ndarray of shape (n_sessions,)
        NaN before the first observation.
    """
    square = daily**2
    seen = np.flatnonzero(np.isfinite(square))
    result = np.full(len(daily), np.nan)
    if not len(seen):
        return result
    variance = float(square[seen[:WARM_UP]].mean())
    begins, path = int(seen[0]), []
    for added in ((1.0 - DECAY) * square[begins:]).tolist():
        if added == added:
            variance = DECAY * variance + added
        path.append(variance)
    result[begins:] = path
    return result


def realised_variance(levels: Sequence[Floats], leave: Ints, lag: int) -> Floats:
    """Return the sum of squared session changes of the cumulative spread, over the window of each session.

    What is summed are the changes of the very path whose end is the forward return: after a leg has doubled, a move of
    1% counts twice as much. It is the quadratic variation of the path (Andersen, Bollerslev, Diebold and Labys 2003).

    Parameters
    ----------
    levels : sequence of ndarray of shape (n_sessions,)
        Level at which each leg is entered and left, the asset first; one or two.
    leave : ndarray of shape (n_sessions,)
        Session position at which the window of each session ends, at one horizon.
    lag : int
        Sessions between day 0 and entry.

    Returns
    -------
    ndarray of shape (n_sessions,)
        Not below zero; NaN where a level of the window is missing or lies after the history, or it holds no session.
    """
    n = len(levels[0])
    result = np.full(n, np.nan)
    entry = np.arange(lag, n + lag)
    inside = np.flatnonzero((leave < n) & (leave > entry))
    if not len(inside):
        return result
    start, lengths = entry[inside], (leave - entry)[inside]
    steps, begins = [np.diff(level) for level in levels], [level[start] for level in levels]

    def crossed(i: int, j: int) -> Floats:
        return sums_from(steps[i] * steps[j], start, lengths) / (begins[i] * begins[j])

    total = crossed(0, 0)
    if len(levels) > 1:
        apart = crossed(0, 1)
        total = total - apart - apart + crossed(1, 1)
    result[inside] = np.maximum(total, 0.0)
    return result


def sums_from(values: Floats, start: Ints, lengths: Ints) -> Floats:
    """Return the sums of runs of values, each from its own start and of its own length.

    Parameters
    ----------
    values : ndarray of shape (n,)
        What is summed.
    start, lengths : ndarray of shape (n_runs,)
        Where each run begins, and how many values it has: one or more, none of them after the last.

    Returns
    -------
    ndarray of shape (n_runs,)
        NaN where one of the run is NaN.
    """
    longest = int(lengths.max())
    if longest == lengths.min():  # sessions are counted: slices are ten times as fast
        return window_sums(values, longest)[start]
    total: Floats = np.zeros(len(start))
    power, size, at = values, 1, start
    while size <= longest:
        has = (lengths & size) > 0
        total[has] += power[at[has]]
        at = at + (lengths & size)
        power = power[:-size] + power[size:]
        size *= 2
    return total


def window_sums(values: Floats, length: int) -> Floats:
    """Return the sum of every run of `length` values, by doubling.

    A difference of cumulative sums would lose small values behind large ones, as after a level fell a millionfold.

    Returns
    -------
    ndarray of shape (n - length + 1,)
        NaN where one of the run is NaN.
    """
    total: Floats = np.zeros(len(values) - length + 1)
    power, size, offset = values, 1, 0
    while size <= length:
        if length & size:
            total = total + power[offset : offset + len(total)]
            offset += size
        power = power[:-size] + power[size:]
        size *= 2
    return total


def expected_variance(ahead: Floats, volatility: Floats, eligible: Bools) -> Floats:
    """Return the variance over the window of each session that is expected on it.

    Parameters
    ----------
    ahead : ndarray of shape (n_sessions,)
        What the variance came to be, as `realised_variance` gives it.
    volatility : ndarray of shape (n_sessions, n_measures)
        Variances known at each session's close that the future one is regressed on.
    eligible : ndarray of shape (n_sessions,)
        The sessions that the regression is fitted on.

    Returns
    -------
    ndarray of shape (n_sessions,)
        Positive; constant where the future is not positively related to any measure, and its mean at a session on
        which a measure is not known yet. NaN throughout where there is nothing to fit on.
    """
    use = eligible & np.isfinite(ahead)
    for column in volatility.T:  # all(axis=1) over two columns takes twenty times as long
        use &= np.isfinite(column)
    if not use.any():
        return np.full(len(ahead), np.nan)
    now, later = volatility.compress(use, axis=0), ahead[use]
    middle, level = now.mean(axis=0), float(later.mean())
    slopes = nonnegative_slopes(now - middle, later - level)
    line = np.maximum(level + (volatility - middle) @ slopes, LEAST * level)
    expected: Floats = np.where(np.isfinite(line), line, level)
    return expected


def nonnegative_slopes(x: Floats, y: Floats) -> Floats:
    """Return the least-squares slopes of centred data, none of them below zero.

    The constrained optimum is the best of the unconstrained fits on subsets of the columns whose slopes are not
    negative; with two columns there are four.

    Parameters
    ----------
    x : ndarray of shape (n, n_columns)
        Centred columns.
    y : ndarray of shape (n,)
        Centred response.
    """
    all_of_them, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    if rank == x.shape[1] and (all_of_them > 0).all():  # nothing is better than the fit without a constraint
        return np.asarray(all_of_them)
    best, least = np.zeros(x.shape[1]), float(y @ y)
    for size in range(1, x.shape[1] + 1):
        for columns in itertools.combinations(range(x.shape[1]), size):
            chosen = list(columns)
            slopes = np.linalg.lstsq(x[:, chosen], y, rcond=None)[0]
            squares = float(((y - x[:, chosen] @ slopes) ** 2).sum())
            if (slopes >= 0).all() and squares < least:
                best, least = np.zeros(x.shape[1]), squares
                best[chosen] = slopes
    return best
