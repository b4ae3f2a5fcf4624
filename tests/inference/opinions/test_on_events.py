"""Opinions that look at the events alone: naive t, counts and ranks, beside SciPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from backtest.inference.opinions.counts import ALL_HITS, AT_THE_MEDIAN, NO_HITS, exact_binomial, sign_test
from backtest.inference.opinions.naive_t import ALL_ALIKE, ONE_EVENT, naive_t
from backtest.inference.opinions.opinion import BINOMIAL, NAIVE_T, SIGN, WILCOXON, Opinion
from backtest.inference.opinions.signed_rank import signed_rank
from backtest.inference.result import NO_WINDOW

DUST = 0.1 + 0.2 - 0.3
NONE = np.zeros(0)
SEED = st.integers(0, 2**32 - 1)
SIZE = st.integers(1, 300)
GRID = st.lists(st.integers(-6, 6).map(lambda step: step / 64), min_size=1, max_size=120)
"""Returns on a coarse grid of exact numbers: ties and zeros abound."""


def normal(seed, n):
    return np.random.default_rng(seed).normal(0.002, 0.05, n)


@given(SEED, st.integers(2, 300), st.floats(-0.1, 0.1))
def test_naive_t_is_scipys(seed, n, base):
    values = normal(seed, n)
    expected = stats.ttest_1samp(values, base)
    found = naive_t(values, base)
    assert found.method is NAIVE_T
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12, abs=1e-14)
    assert found.p_value == pytest.approx(expected.pvalue, rel=2e-12, abs=1e-250)


def test_naive_t_has_no_answer_without_variation():
    assert naive_t(NONE, 0.0) == Opinion(NAIVE_T, None, None, NO_WINDOW)
    assert naive_t(np.array([0.1]), 0.0) == Opinion(NAIVE_T, None, None, ONE_EVENT)
    assert naive_t(np.array([0.3, 0.3 + DUST, 0.3]), 0.0) == Opinion(NAIVE_T, None, None, ALL_ALIKE)


@given(SEED, SIZE, st.floats(0.001, 0.999))
def test_the_binomial_counts_hits(seed, n, base):
    values = normal(seed, n)
    hits = int((values > 0).sum())
    found = exact_binomial(values, base)
    assert (found.method, found.statistic) == (BINOMIAL, hits)
    assert found.p_value == pytest.approx(stats.binomtest(hits, n, base).pvalue, rel=2e-12, abs=1e-250)


def test_the_binomial_counts_no_dust():
    found = exact_binomial(np.array([DUST, 0.01, -DUST, -0.01]), 0.5)
    assert (found.statistic, found.p_value) == (1, pytest.approx(10 / 16))


def test_the_binomial_has_no_answer_where_a_hit_is_certain_or_impossible():
    assert exact_binomial(np.array([0.1]), 1.0).reason == ALL_HITS
    assert exact_binomial(np.array([-0.1]), 0.0).reason == NO_HITS
    assert exact_binomial(NONE, 0.5).reason == NO_WINDOW


@given(GRID)
def test_the_sign_test_leaves_out_events_at_the_median(values):
    above, below = sum(v > 1 / 64 for v in values), sum(v < 1 / 64 for v in values)
    found = sign_test(np.array(values) + DUST, 1 / 64)
    if above + below == 0:
        assert found == Opinion(SIGN, None, None, AT_THE_MEDIAN)
    else:
        expected = stats.binomtest(above, above + below, 0.5).pvalue
        assert (found.statistic, found.p_value) == (above, pytest.approx(expected, rel=2e-12))
    assert sign_test(NONE, 0.0).reason == NO_WINDOW


@given(SEED, SIZE, st.floats(-0.05, 0.05))
def test_wilcoxon_is_scipys(seed, n, median):
    """Without ties: exact up to 50 events, normal beyond."""
    values = normal(seed, n)
    distance = np.round(values - median, 12)
    assume(len(set(np.abs(distance))) == n and distance.all())
    compare(signed_rank(values, median), stats.wilcoxon(distance))


@given(GRID, st.integers(0, 2))
def test_wilcoxon_is_scipys_with_ties_and_zeros(values, median):
    """Exact up to 13 events, where SciPy tries all signs; beyond, normal with the correction for ties."""
    distance = np.array(values) - median / 64
    found = signed_rank(np.array(values) + DUST, median / 64)
    if not distance.any():
        assert found == Opinion(WILCOXON, None, None, AT_THE_MEDIAN)
    else:
        compare(found, stats.wilcoxon(distance))


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9))
def test_wilcoxon_by_giving_every_sign(values):
    """All 2^n signs of the ranks, one by one; ties share their average rank, zeros have none."""
    kept = [v for v in values if v]
    assume(kept)
    sizes = sorted(abs(v) for v in kept)
    ranks = [np.mean([i + 1 for i, size in enumerate(sizes) if size == abs(v)]) for v in kept]
    observed = sum(r for r, v in zip(ranks, kept, strict=True) if v > 0)
    sums = [
        sum(r for r, up in zip(ranks, ups, strict=True) if up) for ups in itertools.product((0, 1), repeat=len(kept))
    ]
    tail = min(sum(s <= observed for s in sums), sum(s >= observed for s in sums))
    found = signed_rank(np.array(values) / 100, 0.0)
    assert found.statistic == min(observed, sum(ranks) - observed)
    assert found.p_value == pytest.approx(min(1, 2 * tail / len(sums)), rel=1e-14)


def test_wilcoxon_by_hand():
    # Three of three above: one of eight ways each side. With one event there is nothing but p = 1.
    assert signed_rank(np.array([0.1, 0.2, 0.3]), 0.0) == Opinion(WILCOXON, 0.0, 0.25)
    assert signed_rank(np.array([0.1]), 0.0) == Opinion(WILCOXON, 0.0, 1.0)
    assert signed_rank(NONE, 0.0).reason == NO_WINDOW


@pytest.mark.parametrize("n", [50, 51])
def test_wilcoxon_is_exact_up_to_fifty(n):
    values = normal(7, n)
    exact, approximate = (stats.wilcoxon(values, method=method).pvalue for method in ("exact", "asymptotic"))
    assert abs(exact - approximate) > 1e-6
    assert signed_rank(values, 0.0).p_value == pytest.approx(exact if n == 50 else approximate, rel=1e-12)


@pytest.mark.parametrize("n", [13, 14, 30])
@pytest.mark.parametrize("which", ["tie", "zero"])
def test_wilcoxon_with_a_tie_or_a_zero_is_exact_up_to_thirteen(n, which):
    distance = np.round(normal(8, n), 12)
    distance[3] = distance[5] if which == "tie" else 0.0
    normal_p = stats.wilcoxon(distance, method="asymptotic").pvalue
    found = signed_rank(distance, 0.0)
    assert (abs(found.p_value - normal_p) < 1e-12) == (n > 13)
    compare(found, stats.wilcoxon(distance))


def compare(found, expected):
    assert found.method is WILCOXON
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-14)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-12, abs=1e-250)
