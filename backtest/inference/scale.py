r"""How widely a forward spread is expected to vary, as known on day 0.

Events come when volatility is high, and volatility clusters: without a scale that knows this, ordinary turbulence after
an event looks like an effect. The variance of the spread over the next h sessions is regressed on the EWMA variance,

.. math:: s_h^2(t) = a_h + b_h v_t, \qquad v_t = \lambda v_{t-1} + (1 - \lambda) x_t^2,

with x the daily spread and the decay of RiskMetrics (1996), 0.94. The regression corrects the noise of v and lets it
fade with the horizon.
"""

from __future__ import annotations

import numpy as np

from backtest.model import Bools, Floats

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
    values = square.tolist()
    for t in range(int(seen[0]), len(values)):
        if values[t] == values[t]:
            variance = DECAY * variance + (1.0 - DECAY) * values[t]
        result[t] = variance
    return result


def realised_variance(daily: Floats, horizon: int, lag: int) -> Floats:
    """Return the sum of squares of the `horizon` daily spreads after entry.

    Returns
    -------
    ndarray of shape (n_sessions,)
        NaN where one of them is missing or lies after the history.
    """
    total = np.concatenate(([0.0], np.cumsum(np.nan_to_num(daily**2))))
    gaps = np.concatenate(([0], np.cumsum(~np.isfinite(daily))))
    n = len(daily)
    result = np.full(n, np.nan)
    last = n - lag - horizon
    if last > 0:
        first, end = lag + 1, lag + 1 + horizon
        whole = gaps[end : end + last] == gaps[first : first + last]
        result[:last] = np.where(whole, total[end : end + last] - total[first : first + last], np.nan)
    return result


def expected_variance(daily: Floats, horizon: int, lag: int, eligible: Bools) -> Floats:
    """Return the variance of the spread over the next `horizon` sessions that is expected at each session.

    Parameters
    ----------
    daily : ndarray of shape (n_sessions,)
        Daily spread returns, close to close.
    horizon, lag : int
        Forward length and entry lag, in sessions.
    eligible : ndarray of shape (n_sessions,)
        The sessions that the regression is fitted on.

    Returns
    -------
    ndarray of shape (n_sessions,)
        Positive; NaN where there is no variance yet. Constant where the two are not positively related.
    """
    now = ewma_variance(daily)
    ahead = realised_variance(daily, horizon, lag)
    use = eligible & np.isfinite(now) & np.isfinite(ahead)
    if not use.any():
        return np.full(len(daily), np.nan)
    x, y = now[use], ahead[use]
    spread = float(((x - x.mean()) ** 2).sum())
    slope = max(float(((x - x.mean()) * (y - y.mean())).sum()) / spread, 0.0) if spread > 0 else 0.0
    level = float(y.mean())
    return np.maximum(level + slope * (now - float(x.mean())), LEAST * level)
