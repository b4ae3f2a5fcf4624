"""Matched base rates against hand calculation and loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.variance import ewma_variance
from backtest.study.robustness.matched import (
    MATCHINGS,
    cells_of,
    compare_in_cells,
    matched_base_rates,
    rank_cells,
)
from backtest.study.run import run_plan

NAN = float("nan")


def one(cell, returned, day0, eligible=None):
    """One horizon: the fields as plain numbers."""
    eligible = [True] * len(cell) if eligible is None else eligible
    columns = np.array(returned, dtype=float)[:, None]
    made = compare_in_cells("month", np.array(cell), columns, np.array(eligible), np.array(day0, dtype=np.int64))
    counts = (made.n, made.unknown, made.alone, made.sessions, made.placed, made.unplaced)
    return [int(value[0]) for value in counts], (made.mean[0], made.base_mean[0], made.excess[0])


def test_two_cells_by_hand():
    # Cell 0 holds 1, 2, 6: mean 3. Cell 1 holds 10, 20: mean 15. Events on the 2, the 6 and the 20.
    counts, values = one([0, 0, 1, 0, 1], [1, 2, 10, 6, 20], [1, 3, 4])
    assert counts == [3, 0, 0, 5, 5, 0]
    assert values == pytest.approx((28 / 3, (3 + 3 + 15) / 3, 28 / 3 - 7), abs=1e-14)


def test_who_has_no_match_is_counted_with_the_reason():
    # The event on session 1 has no cell, that on 2 is alone in its own, that on 5 has no window, that on 3 is matched
    # by 3 and 4: mean 5. Session 0 is in no cell either.
    counts, values = one([-1, -1, 1, 0, 0, 0], [1, 2, 3, 4, 6, NAN], [1, 2, 3, 5])
    assert counts == [1, 1, 1, 2, 3, 2]
    assert values == pytest.approx((4, 5, -1), abs=1e-14)


def test_without_a_match_there_is_no_number():
    counts, values = one([0, 1, 1], [1, 2, 3], [0])
    assert counts == [0, 0, 1, 0, 3, 0]
    assert np.isnan(values).all()
    counts, values = one([-1, -1], [1, 2], [0])
    assert counts == [0, 1, 0, 0, 0, 2]
    assert np.isnan(values).all()


def test_sessions_without_a_possible_event_match_nobody():
    counts, values = one([0, 0, 0], [1, 2, 30], [0], eligible=[True, True, False])
    assert counts == [1, 0, 0, 2, 2, 0]
    assert values == pytest.approx((1, 1.5, -0.5), abs=1e-14)


def test_an_event_out_of_the_base_rate_is_compared_with_the_one_session_in_its_cell():
    counts, values = one([0, 0], [1, 2], [0], eligible=[False, True])
    assert counts == [1, 0, 0, 1, 1, 0]
    assert values == pytest.approx((1, 2, -1), abs=1e-14)


@given(st.integers(0, 10**6), st.integers(3, 40), st.integers(1, 5))
def test_agrees_with_a_loop(seed, m, n_cells):
    rng = np.random.default_rng(seed)
    cell = rng.integers(-1, n_cells, m)
    returned = np.where(rng.random(m) < 0.2, NAN, rng.normal(0, 1, m))
    eligible = rng.random(m) < 0.8
    day0 = np.flatnonzero(rng.random(m) < 0.3)
    means, events, used = [], [], set()
    reasons = {"unknown": 0, "alone": 0}
    for t in day0.tolist():
        if np.isnan(returned[t]):
            continue
        like = [s for s in range(m) if eligible[s] and cell[s] == cell[t] and not np.isnan(returned[s])]
        if cell[t] == -1:
            reasons["unknown"] += 1
        elif not set(like) - {t}:
            reasons["alone"] += 1
        else:
            means.append(sum(returned[s] for s in like) / len(like))
            events.append(returned[t])
            used |= set(like)
    counts, values = one(cell, returned, day0, eligible)
    complete = [s for s in range(m) if eligible[s] and not np.isnan(returned[s])]
    nowhere = sum(cell[s] == -1 for s in complete)
    assert counts == [len(means), *reasons.values(), len(used), len(complete) - nowhere, nowhere]
    assert sum(counts[:3]) == np.isfinite(returned[day0]).sum()
    if means:
        found = (sum(events) / len(events), sum(means) / len(means))
        assert values == pytest.approx((*found, found[0] - found[1]), abs=1e-12)
    else:
        assert np.isnan(values).all()


def test_ranks_by_hand():
    values = np.array([5.0, 1, NAN, 3, 2, 4, 6, 99])
    eligible = np.array([True] * 7 + [False])
    assert rank_cells(values, eligible, 3).tolist() == [2, 0, -1, 1, 0, 1, 2, 2]


def test_ranks_that_tie_share_a_cell():
    assert rank_cells(np.full(6, 2.0), np.full(6, True), 3).tolist() == [2] * 6
    assert rank_cells(np.array([1.0, 1, 1, 2, 3, 4]), np.full(6, True), 3).tolist() == [1, 1, 1, 1, 2, 2]


def test_ranks_of_nothing_known():
    assert rank_cells(np.full(4, NAN), np.full(4, True), 3).tolist() == [-1] * 4
    assert rank_cells(np.arange(4.0), np.full(4, False), 3).tolist() == [-1] * 4


@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 12))
def test_parts_of_distinct_values_are_of_one_size(seed, m, parts):
    values = np.random.default_rng(seed).permutation(m).astype(float)
    cell = rank_cells(values, np.full(m, True), parts)
    size = np.bincount(cell, minlength=parts)
    assert size.sum() == m
    assert size.max() - size.min() <= 1
    assert (np.diff(cell[np.argsort(values)]) >= 0).all()


@pytest.fixture
def study(history_of, plan_of):
    """Three hundred weekdays, with some events in a row."""
    rng = np.random.default_rng(11)
    walks = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (300, 2)), axis=0))
    marks = np.zeros(300)
    marks[[2, 40, 41, 90, 150, 220, 298]] = 1
    prices = history_of({"A": walks[:, 0], "B": walks[:, 1], "M": marks}, kinds={"M": "rate"})
    return run_plan(plan_of(prices))


def rates_of(study):
    made = matched_base_rates(
        study.assets[0].base_rate, study.detection.events.day0, study.plan.dataset.prices.sessions
    )
    return {one.matching: one for one in made}


def test_all_sessions_are_the_base_rate(study):
    made = rates_of(study)
    assert list(made) == list(MATCHINGS)
    np.testing.assert_allclose(made["all"].base_mean, study.assets[0].base_rate.summary.judged.mean, rtol=0, atol=1e-15)
    np.testing.assert_allclose(made["all"].excess, study.assets[0].measurement.excess, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(made["all"].sessions, study.assets[0].base_rate.summary.n)


def test_every_measured_event_is_in_each_account(study):
    for rate in rates_of(study).values():
        np.testing.assert_array_equal(rate.n + rate.unknown + rate.alone, study.assets[0].measurement.summary.n)
        np.testing.assert_array_equal(rate.placed + rate.unplaced, study.assets[0].base_rate.summary.n)


def test_cells_against_loops(study):
    sessions = study.plan.dataset.prices.sessions
    cells = cells_of(study.assets[0].base_rate, sessions)
    asset, benchmark = (leg.close for leg in study.assets[0].base_rate.legs)
    past = [NAN] * 21 + [asset[t] / asset[t - 21] - benchmark[t] / benchmark[t - 21] for t in range(21, len(asset))]
    spread = np.concatenate(([NAN], asset[1:] / asset[:-1] - benchmark[1:] / benchmark[:-1]))
    for key, values, parts in (("volatility", ewma_variance(spread), 3), ("past_return", np.array(past), 10)):
        known = [t for t in range(300) if not np.isnan(values[t])]
        for t in range(300):
            # with distinct values, the cell is by how many are lower
            below = sum(values[s] < values[t] for s in known)
            edges = [k * len(known) // parts for k in range(1, parts)]
            expected = sum(below >= edge for edge in edges) if t in known else -1
            assert cells[key][t] == expected
    assert cells["month"].tolist() == [int(str(day)[5:7]) - 1 for day in sessions]


def test_an_event_before_there_is_a_past_return_has_no_match(study):
    past = rates_of(study)["past_return"]
    assert past.unknown.tolist() == [1, 1]  # the event on session 2
    assert past.unplaced.tolist() == [21, 21]


def test_on_real_history(us_size):
    from backtest.data.store.read import load_dataset
    from backtest.plan import plan_on

    made = rates_of(run_plan(plan_on(load_dataset("us-size", us_size), us_size, "streak5")))
    assert {key: rate.n.tolist() for key, rate in made.items()} == dict.fromkeys(MATCHINGS, [5] * 7)
    # All five came in the two upper thirds of volatility, in five different months.
    assert made["volatility"].sessions[0] * 3 == pytest.approx(made["all"].sessions[0] * 2, rel=0.01)
