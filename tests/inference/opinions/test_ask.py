"""All opinions on one horizon, from the arrays that a study has."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from backtest.inference.circle import make_circle
from backtest.inference.circular_shift import shift_statistics
from backtest.inference.opinions.ask import Base, opinions_on
from backtest.inference.opinions.local_shifts import LONGEST, TOO_LONG
from backtest.inference.opinions.opinion import METHODS
from backtest.inference.result import NO_VARIATION, NO_WINDOW


def ask(returned, eligible, day0, horizon):
    ones = np.ones(len(returned))
    circle = make_circle(
        returned, ones, ones, np.ones(len(returned) + 2), eligible, np.ones(len(returned), dtype=int), 0
    )
    shifts = shift_statistics(circle, [circle.ranks(day0)])[0]
    known = returned[eligible & np.isfinite(returned)]
    base = Base(*((known.mean(), np.median(known), (known > 0).mean()) if len(known) else [np.nan] * 3))
    return {one.method.key: one for one in opinions_on(returned, eligible, day0, (horizon, horizon), base, shifts)}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 300), st.sampled_from([1, 5, 21, 63, 126, 252]), st.sampled_from([0, 0.1]))
def test_every_method_answers_or_says_why(seed, n, horizon, missing):
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0, 0.01, 1500))
    returned = np.full(1500, np.nan)
    returned[:-horizon] = walk[horizon:] - walk[:-horizon]
    day0 = np.sort(rng.choice(1500, n, replace=False))
    eligible = rng.random(1500) >= missing
    eligible[day0] = True
    found = ask(returned, eligible, day0, horizon)
    assert list(found) == list(METHODS)
    complete = int(np.isfinite(returned[day0]).sum())
    for one in found.values():
        assert (one.p_value is None) == (one.statistic is None) == (one.reason is not None)
        assert one.p_value is None or 0 <= one.p_value <= 1
        if complete == 0 and one.reason != TOO_LONG:
            assert one.reason == NO_WINDOW
    if complete > 1:
        values = returned[day0][np.isfinite(returned[day0])]
        base = returned[eligible & np.isfinite(returned)]
        assert found["naive_t"].p_value == pytest.approx(stats.ttest_1samp(values, base.mean()).pvalue, rel=1e-10)
        above = int((values > np.median(base)).sum()), int((values < np.median(base)).sum())
        assert found["sign"].p_value == pytest.approx(stats.binomtest(above[0], sum(above)).pvalue, rel=1e-10)
        chance = float((base > 0).mean())
        hits = stats.binomtest(int((values > 0).sum()), len(values), chance)
        assert found["binomial"].p_value == pytest.approx(hits.pvalue, rel=1e-10)
        assert (found["local_shifts"].p_value is not None) == (horizon <= LONGEST)


def test_an_event_without_a_complete_window_is_left_out_everywhere():
    rng = np.random.default_rng(3)
    returned = rng.normal(0, 0.01, 200)
    returned[[150, 199]] = np.nan
    everywhere = np.ones(200, dtype=bool)
    some, more = np.array([10, 40, 90]), np.array([10, 40, 90, 150, 199])
    assert ask(returned, everywhere, some, 5) == ask(returned, everywhere, more, 5)


def test_what_does_not_vary_has_no_opinion_but_counts():
    found = ask(np.zeros(50), np.ones(50, dtype=bool), np.array([3, 9]), 5)
    assert [one.p_value for one in found.values()] == [None] * 7
    missing = opinions_on(
        np.zeros(50), np.ones(50, dtype=bool), np.array([3, 9]), (5, 5), Base(0.0, 0.0, 0.0), np.full(50, np.nan)
    )
    assert missing[-1].reason == NO_VARIATION


def test_asking_imports_no_statistics_library():
    code = (
        "import sys, numpy as np\n"
        "from backtest.inference.opinions.ask import Base, opinions_on\n"
        "from backtest.inference.opinions import disagreement, stationary_bootstrap\n"
        "x = np.random.default_rng(1).normal(0, 1, 2000); e = np.ones(2000, dtype=bool)\n"
        "opinions_on(x, e, np.arange(5, 1900, 40), (21, 21), Base(0.0, 0.0, 0.5), x)\n"
        "print([m for m in ('scipy', 'statsmodels', 'arch', 'pandas', 'numpy.ma') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
