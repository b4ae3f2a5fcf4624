"""Newey–West and Hansen–Hodrick beside statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backtest.inference.opinions.naive_t import ALL_ALIKE
from backtest.inference.opinions.opinion import HANSEN_HODRICK, NEWEY_WEST, Opinion
from backtest.inference.opinions.regression import (
    NO_OTHERS,
    NOT_POSITIVE,
    ONE_EVENT,
    hansen_hodrick,
    newey_west,
    regress,
)
from backtest.inference.result import NO_WINDOW

HORIZON = st.integers(1, 252)


def world(seed, sessions, horizon, share, missing):
    """Forward returns that overlap, with gaps; events in clusters."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.standard_t(4, sessions + horizon) / 100)
    returned = walk[horizon:] - walk[:-horizon]
    base = rng.random(sessions) >= missing
    events = base & (np.repeat(rng.random(sessions // 3 + 1), 3)[:sessions] < share)
    events[np.flatnonzero(base)[[1, -2]]] = True
    return np.where(base, returned, np.nan), base, events


def by_statsmodels(returned, base, events, lags, kernel):
    """Rows of zeros stand for the gaps: they enter no sum, and keep the distance between the others."""
    design = np.column_stack((base, events)).astype(float)
    fitted = sm.OLS(np.where(base, returned, 0.0), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "kernel": kernel, "use_correction": False}
    )
    return fitted.params[1], float(fitted.cov_params()[1, 1]), fitted


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(12, 700), HORIZON, st.floats(0.01, 0.5), st.sampled_from([0.0, 0.05, 0.4]))
def test_both_are_those_of_statsmodels(seed, sessions, horizon, share, missing):
    world_of = world(seed, sessions, horizon, share, missing)
    _, measured, events = world_of
    assume(2 <= events.sum() < measured.sum())  # one event, or nothing else, has no answer here and none there
    of = regress(*world_of, horizon)
    for method, lags, kernel in ((newey_west, horizon, "bartlett"), (hansen_hodrick, horizon - 1, "uniform")):
        found = method(of)
        lags = min(lags, sessions - 1)  # statsmodels has no lag longer than the history
        if kernel == "bartlett" and horizon > lags:
            continue  # there its weights would be of another kernel
        slope, variance, fitted = by_statsmodels(*world_of, lags, kernel)
        scale = float(of.products[0])
        if variance < -1e-9 * scale:
            assert found.reason == NOT_POSITIVE
        if variance < 1e-9 * scale:
            continue
        assert found.statistic == pytest.approx(slope / variance**0.5, rel=1e-8)
        if variance > 0.01 * scale:  # else the sums cancel, in both libraries
            assert found.statistic == pytest.approx(fitted.tvalues[1], rel=1e-11, abs=1e-12)
            assert found.p_value == pytest.approx(fitted.pvalues[1], rel=1e-9, abs=1e-200)


def test_lags_are_sessions_and_gaps_count_as_zeros():
    # Two events of +2 and -2 around their mean, three sessions apart; between them no session is eligible.
    returned = np.array([0.05, np.nan, np.nan, 0.01, 0.0, 0.0])
    base, events = np.isfinite(returned), np.array([True, False, False, True, False, False])
    three, four = (regress(returned, base, events, horizon) for horizon in (3, 4))
    # Parts in the error of the slope: 0.01, then -0.01; the other two sessions are at their mean.
    assert four.products.tolist() == pytest.approx([2e-4, 0, 0, -1e-4, 0], abs=1e-18)
    # At lag 3 the uniform kernel takes twice 1e-4 from 2e-4; up to lag 2 it sees none of it.
    assert hansen_hodrick(four) == Opinion(HANSEN_HODRICK, None, None, NOT_POSITIVE)
    assert hansen_hodrick(three).statistic == pytest.approx(0.03 / 2e-4**0.5)
    assert newey_west(three).statistic == pytest.approx(0.03 / (2e-4 - 2e-4 / 4) ** 0.5)


def test_a_variance_below_zero_is_no_answer():
    alternating = np.array([0.02, -0.02, 0.03, -0.03, 0.02, -0.02, 0.01, 0.02])
    of = regress(alternating, np.ones(8, dtype=bool), np.arange(8) < 6, 2)
    assert of.products[0] + 2 * of.products[1] < 0
    assert hansen_hodrick(of) == Opinion(HANSEN_HODRICK, None, None, NOT_POSITIVE)
    assert newey_west(of).reason is None


def test_a_variance_of_dust_is_zero():
    # Two events within reach of one another err by as much in both directions: whatever is left of it is rounding.
    left = []
    for a, b in np.random.default_rng(2).normal(0, 0.05, (200, 2)):
        of = regress(np.array([a, b, 0.01, 0.01]), np.ones(4, dtype=bool), np.array([True, True, False, False]), 3)
        left.append(of.products[0] + 2 * of.products[1:3].sum())
        assert hansen_hodrick(of).reason == NOT_POSITIVE
    assert max(left) > 0


def test_no_answer_has_a_reason():
    returned, base = np.array([0.1, 0.2, 0.3, 0.1]), np.ones(4, dtype=bool)
    for events, reason in (
        ([0, 0, 0, 0], NO_WINDOW),
        ([0, 1, 0, 0], ONE_EVENT),
        ([1, 0, 0, 1], ALL_ALIKE),
        ([1, 1, 1, 1], NO_OTHERS),
    ):
        of = regress(returned, base, np.array(events, dtype=bool), 2)
        assert newey_west(of) == Opinion(NEWEY_WEST, None, None, reason)
        assert hansen_hodrick(of) == Opinion(HANSEN_HODRICK, None, None, reason)
