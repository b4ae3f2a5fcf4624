"""Own p-values beside SciPy's, and beside closed forms where SciPy rounds more."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from backtest.inference.opinions.distributions import binomial_p, incomplete_beta, normal_p, student_p

FREEDOM = st.integers(1, 299)


@given(st.floats(-37, 37))
def test_the_normal_is_scipys(z):
    assert normal_p(z) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-12)


@given(st.floats(0.01, 1000), FREEDOM)
def test_students_t_is_scipys(t, freedom):
    assert student_p(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=2e-12, abs=1e-300)
    assert student_p(-t, freedom) == student_p(t, freedom)


@pytest.mark.parametrize("freedom", [1000, 9999])
def test_students_t_of_thousands_of_events(freedom):
    for t in (0.5, 1.0, 1.96, 5.0, 10.0):  # the logarithms of gamma grow, and with them what their difference loses
        assert student_p(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=5e-11)


@given(st.floats(-12, 12).map(lambda power: 10.0**power))
def test_students_t_of_two_and_three_events_has_closed_forms(t):
    assert student_p(t, 1) == pytest.approx(2 / math.pi * math.atan(1 / t), rel=1e-14)
    root = math.sqrt(2 + t * t)
    assert student_p(t, 2) == pytest.approx(2 / (root * (root + t)), rel=1e-14)


def test_students_t_at_the_ends():
    assert student_p(0.0, 7) == 1
    assert student_p(1e200, 7) == 0  # its square is beyond double precision


@given(st.floats(0.5, 150), st.floats(0.5, 150), st.floats(0.001, 0.999))
def test_the_incomplete_beta_function_is_scipys(a, b, x):
    expected = special.betainc(a, b, x)
    assert incomplete_beta(a, b, x, 1 - x) == pytest.approx(expected, rel=1e-10, abs=2e-12)


@given(st.integers(1, 300), st.data())
def test_the_binomial_is_scipys(n, data):
    hits = data.draw(st.integers(0, n))
    chance = data.draw(st.one_of(st.sampled_from([0.5, 1 / 3, 0.25]), st.floats(1e-4, 1 - 1e-4)))
    expected = stats.binomtest(hits, n, chance).pvalue
    assert binomial_p(hits, n, chance) == pytest.approx(expected, rel=2e-12, abs=1e-250)


@given(st.integers(1, 40), st.integers(1, 9), st.data())
def test_the_binomial_by_fractions(n, tenths, data):
    """The definition itself: the chance of every number of hits that is no more likely than the one observed."""
    hits = data.draw(st.integers(0, n))
    masses = [
        Fraction(math.comb(n, k)) * Fraction(tenths, 10) ** k * Fraction(10 - tenths, 10) ** (n - k)
        for k in range(n + 1)
    ]
    exact = sum(mass for mass in masses if mass <= masses[hits])
    assert binomial_p(hits, n, tenths / 10) == pytest.approx(float(exact), rel=1e-12)


def test_the_binomial_by_hand():
    # Four of four at one half: 1/16, and none of four is as likely. Of two at one quarter: 9/16, 6/16, 1/16.
    assert binomial_p(4, 4, 0.5) == pytest.approx(1 / 8, rel=1e-15)
    assert [binomial_p(k, 2, 0.25) for k in range(3)] == pytest.approx([1, 7 / 16, 1 / 16], rel=1e-15)


def test_the_binomial_of_many_events_overflows_nowhere():
    for hits in (0, 5200, 9720):
        expected = stats.binomtest(hits, 9720, 0.52).pvalue
        assert binomial_p(hits, 9720, 0.52) == pytest.approx(expected, rel=1e-10, abs=1e-250)
    assert np.isfinite(binomial_p(1, 9720, 1 / 9720))
