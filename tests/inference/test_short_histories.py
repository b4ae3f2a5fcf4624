"""Short histories: a long horizon's circle is much shorter than a day's, and both share shifts."""

from __future__ import annotations

import numpy as np

from backtest.inference.circle import make_circle
from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.multiple import family_p_values

SESSIONS, HISTORIES = 1000, 600
HORIZONS = (1, 5, 10, 21, 63, 126, 252)


def smallest_adjusted_p(rng):
    """Search one history of independent returns: what follows three gains of 0.2% in a row, an asset alone."""
    returns = rng.normal(0, 0.01, SESSIONS)
    up = returns >= 0.002
    events = np.flatnonzero(up[2:] & up[1:-1] & up[:-2]) + 2
    level = np.cumprod(1 + returns)
    daily = np.diff(level, prepend=np.nan) / level
    cells, own = [], []
    variance, everywhere = np.ones(SESSIONS), np.ones(SESSIONS, dtype=np.bool_)
    for h in HORIZONS:
        forward = np.full(SESSIONS, np.nan)
        forward[:-h] = level[h:] / level[:-h] - 1
        circle = make_circle(forward, variance, variance, daily, everywhere, np.full(SESSIONS, h), 0)
        statistics = shift_statistics(circle, [circle.ranks(events)])
        cells.append(statistics[0])
        own.append(float(shift_p_values(statistics)[0]))
    return min(family_p_values(cells, own))


def test_noise_in_short_histories_is_found_as_rarely_as_said():
    # Nominal 5%; standard error of 600 histories 0.9 points, three of them allowed: 7.7%. With the shifts cut at the
    # end of the circle it was 10%.
    found = [smallest_adjusted_p(rng) for rng in np.random.default_rng(1).spawn(HISTORIES)]
    assert 0.023 <= np.mean(np.array(found) <= 0.05) <= 0.077
