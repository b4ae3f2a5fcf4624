"""Forward returns, base rate, excess and variances: by hand, and by walking along the path."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.inference.variance import ewma_variance, realised_variance
from backtest.measure.forward import Leg
from backtest.measure.windows import window_ends
from backtest.model import Horizon
from backtest.selftest.witnessed import Check, compare
from backtest.study.base_rate import BaseRate, measure_legs

HAND = "by hand"
ASSET, BENCHMARK = np.array([100.0, 110.0, 121.0, 108.9, 119.79]), np.array([100.0, 100.0, 104.0, 104.0, 130.0])
"""The asset gains 10, 10, -10 and 10 percent; the benchmark gains 0, 4, 0 and 25 percent."""
EXACT = 1e-14


def forward_checks() -> Iterator[Check]:
    """Compare forward returns of a history of five sessions, and their base rate."""
    legs = [Leg(ASSET, ASSET), Leg(BENCHMARK, BENCHMARK)]
    every = measure_legs(legs, (Horizon(1), Horizon(2)), 0)
    one, two = every.forward.judged.T
    yield compare("spread over 1 session", HAND, [0.10, 0.06, -0.10, -0.15, np.nan], one, EXACT)
    yield compare("spread over 2 sessions", HAND, [0.17, -0.05, -0.26, np.nan, np.nan], two, EXACT)
    base = BaseRate(every, np.array([True, True, True, False, True])).summary.judged
    yield compare("base rate without session 4: mean", HAND, [0.06 / 3, -0.14 / 3], base.mean, EXACT)
    yield compare("base rate without session 4: median", HAND, [0.06, -0.05], base.median, EXACT)
    yield compare("base rate without session 4: hits", HAND, [2 / 3, 1 / 3], base.hit_rate, EXACT)
    later = measure_legs(legs, (Horizon(1),), 1).forward.judged[:, 0]
    yield compare("entered a session later", HAND, [0.06, -0.10, -0.15, np.nan, np.nan], later, EXACT)


def variance_checks() -> Iterator[Check]:
    """Compare the EWMA variance by hand, and the realised variance with a walk along each path."""
    # The mean of the squares 1, 4, 9 is 14/3; then 0.94 times the last value plus 0.06 times the next square.
    first = 0.94 * 14 / 3 + 0.06 * 1
    second = 0.94 * first + 0.06 * 4
    expected = [np.nan, first, second, second, 0.94 * second + 0.06 * 9]
    daily = np.array([np.nan, 1.0, -2.0, np.nan, 3.0])
    yield compare(
        "EWMA variance, with a gap", f"{HAND}; decay 0.94 of RiskMetrics (1996)", expected, ewma_variance(daily), EXACT
    )
    rng = np.random.default_rng(5)
    small, mega = (np.asarray(np.cumprod(1 + rng.normal(0, 0.03, 40)), dtype=np.float64) for _ in range(2))
    for name, levels in {"spread": [small, mega], "one asset": [small]}.items():
        walked = [_walked([level[t + 1 : t + 9].tolist() for level in levels]) for t in range(32)]
        found = realised_variance(levels, window_ends(40, [Horizon(7)], 1)[:, 0], 1)
        yield compare(f"realised variance over 7 sessions, {name}", "a walk along each path", walked, found[:32], EXACT)
        yield compare(f"realised variance beyond the end, {name}", "there is none", [np.nan] * 8, found[32:])


def _walked(paths: list[list[float]]) -> float:
    """Add up the squared steps of the difference between the legs' cumulative returns."""
    total, before = 0.0, 0.0
    for step in range(1, len(paths[0])):
        gains = [path[step] / path[0] - 1 for path in paths]
        now = gains[0] - sum(gains[1:])
        total += (now - before) ** 2
        before = now
    return total
