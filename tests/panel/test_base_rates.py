"""Base rates of a panel: exact, whatever the blocks and the order in which assets are added."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from backtest.model.rounding import are_hits
from backtest.panel.base_rates import BaseRates


@pytest.fixture
def spread():
    rng = np.random.default_rng(4)
    values = np.asfortranarray(rng.normal(0, 0.05, (300, 403)) * 10.0 ** rng.integers(-6, 3, 403))
    values[rng.random(values.shape) < 0.1] = np.nan
    return values


@pytest.fixture
def eligible(spread):
    return np.asfortranarray(np.random.default_rng(5).random(spread.shape) < 0.8)


def rates_of(spread, eligible, weight, blocks):
    whole = BaseRates(len(spread), 1, weight)
    for columns in blocks:
        part = BaseRates(len(spread), 1, weight)
        some = np.asfortranarray(np.where(eligible, spread, np.nan)[:, columns])
        part.add(0, some, np.isnan(some))
        whole.include(part)
    return float(whole.rates()[0][0]), float(whole.rates()[1][0]), int(whole.complete[0])


def test_no_division_into_blocks_and_no_order_makes_a_difference(spread, eligible):
    columns = np.arange(spread.shape[1])
    divisions = [[columns], np.array_split(columns, 4), [[i] for i in columns], [[i] for i in columns[::-1]]]
    found = {rates_of(spread, eligible, "event", blocks) for blocks in divisions}
    assert len(found) == 1
    values = spread[eligible & np.isfinite(spread)]
    exact = sum(map(Fraction, values.tolist()), Fraction()) / len(values)
    mean, hits, n = found.pop()
    assert mean == pytest.approx(float(exact), rel=1e-14)
    assert hits == sum(round(value, 12) > 0 for value in values.tolist()) / len(values)
    assert n == len(values)


def test_by_date_every_session_counts_once(spread, eligible):
    values = np.where(eligible, spread, np.nan)
    means = [math.fsum(row) / len(row) for row in ([v for v in row if v == v] for row in values.tolist()) if row]
    mean, hits, n = rates_of(spread, eligible, "date", [np.arange(10), np.arange(10, 403)])
    assert mean == pytest.approx(math.fsum(means) / len(means), rel=1e-12)
    assert hits == sum(value > 0 for value in means) / len(means)
    assert n == np.isfinite(values).sum()


def test_nothing_complete_has_no_rate():
    nothing = np.full((5, 2), np.nan)
    for weight in ("event", "date"):
        mean, hits, n = rates_of(nothing, np.ones(nothing.shape, dtype=bool), weight, [[0, 1]])
        assert math.isnan(mean)
        assert math.isnan(hits)
        assert n == 0


def test_hits_are_returns_above_zero_once_rounded():
    edge = np.array([0.5e-12, 0.50001e-12, 0.49999e-12, 1.5e-12, -1.0, 0.0, 1e-16, 0.3, np.nan, np.inf])
    np.testing.assert_array_equal(are_hits(edge), np.round(edge, 12) > 0)
    many = np.random.default_rng(6).normal(0, 1e-12, 100_000)
    np.testing.assert_array_equal(are_hits(many), np.round(many, 12) > 0)
