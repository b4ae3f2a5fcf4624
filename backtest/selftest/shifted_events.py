"""The verdict: circular shift, plain (X) and standardised (ZX), its p and its interval, against a loop over shifts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.inference.circle import Circle, flags_of
from backtest.inference.circular_shift import Shifts, shift_p_values, shift_statistics
from backtest.inference.horizons import infer
from backtest.model import Ints
from backtest.model.significance import LEVEL
from backtest.selftest.slow_shift import Sample, slow_p, slow_standardised, slow_statistics
from backtest.selftest.witnessed import Check, compare

LOOP = "a loop over all shifts, windows counted one by one"
SESSIONS = 151
CLOSE = 1e-12
CASES = {"5 events, 7 sessions": (5, 7), "45 events, 3 sessions": (45, 3), "1 event, 1 session": (1, 1)}
"""Number of events and horizon: few events are summed slice by slice, many by transforms."""
SETS = 200


def shift_checks() -> Iterator[Check]:
    """Compare every S_k, and p."""
    rng = np.random.default_rng(1)
    for name, (n, horizon) in CASES.items():
        circle, sample, places = _case(rng, n, horizon)
        slow = slow_statistics(sample, places.tolist())
        fast = shift_statistics(circle, [places])
        yield compare(f"S of all {SESSIONS} shifts; {name}", LOOP, slow, fast[0], CLOSE)
        yield compare(f"p; {name}", LOOP, slow_p(slow), shift_p_values(fast)[0])


def standardised_checks() -> Iterator[Check]:
    """Compare every S_k of the standardised effects, and the weighted excess."""
    rng = np.random.default_rng(2)
    for name, (n, horizon) in CASES.items():
        circle, sample, places = _case(rng, n, horizon)
        slow = slow_statistics(slow_standardised(sample), places.tolist())
        fast = Shifts(circle, flags_of(circle, [places])).standardised
        yield compare(f"S of all {SESSIONS} shifts; {name}", LOOP, slow, fast[0], CLOSE)
        ((found,),) = infer([[circle]], circle.position[places], [np.array([n])])
        yield compare(f"p; {name}", LOOP, slow_p(slow), found.standardised.p_value or np.nan)
        weight = [1 / sample.expected[t] ** 0.5 for t in range(SESSIONS)]
        mean = sum(y * w for y, w in zip(sample.deviation, weight, strict=True)) / sum(weight)
        excess = sum(weight[t] * sample.deviation[t] for t in places) / sum(weight[t] for t in places) - mean
        yield compare(f"weighted excess; {name}", "a loop", excess, found.standardised.excess or np.nan, CLOSE)


def interval_checks() -> Iterator[Check]:
    """Count contradictions between interval and p: the interval must contain zero exactly when p is above the level."""
    rng = np.random.default_rng(3)
    contradicting, judged = 0, 0
    for _ in range(SETS):
        circle, _, places = _case(rng, int(rng.integers(1, 9)), int(rng.integers(1, 5)), rng.normal(0, 0.02))
        ((found,),) = infer([[circle]], circle.position[places], [np.array([len(places)])])
        low, high, p = found.effect.low, found.effect.high, found.test.p_value
        if low is not None and high is not None and p is not None:
            judged += 1
            contradicting += (low <= 0 <= high) is not (p > LEVEL)
    yield compare(
        f"intervals that contradict p, of {judged}", "the definition: 0 lies inside where p > 5%", 0, contradicting
    )
    yield compare("event sets with an interval", f"all {SETS}: no windows cover half of the sessions", SETS, judged)


def _case(rng: np.random.Generator, n: int, horizon: int, effect: float = 0.0) -> tuple[Circle, Sample, Ints]:
    """Draw a random history and some events."""
    expected = rng.lognormal(-8, 1, SESSIONS)
    realised, square = expected * rng.chisquare(5, SESSIONS) / 5, rng.lognormal(-8, 1, SESSIONS)
    places = np.sort(rng.choice(SESSIONS, n, replace=False))
    deviation = rng.normal(0, np.sqrt(expected))
    deviation[places] += effect
    deviation -= deviation.mean()
    lengths = np.full(SESSIONS, horizon)
    circle = Circle(np.arange(SESSIONS) + 10, deviation, expected, realised, square, lengths)
    sample = Sample(deviation.tolist(), expected.tolist(), realised.tolist(), square.tolist(), horizon)
    return circle, sample, places
