"""Leaving events out, against studies that never had them and hand calculation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.study.robustness import influence as module
from backtest.study.robustness.influence import LeftOut, influence_of, mean_of, sign
from backtest.study.run import run_plan

NAN = float("nan")
MET = [3, 100, 330, 335, 590, 640, 698]
"""Of seven hundred weekdays since 2009-06-01: two each in 2009, 2010 and 2011, and the last in 2012."""
GROUPS = {
    "event": {day: [day] for day in MET},
    "year": {"2009": [3, 100], "2010": [330, 335], "2011": [590, 640], "2012": [698]},
    "decade": {"2000s": [3, 100], "2010s": [330, 335, 590, 640, 698]},
}


@pytest.fixture
def run(history_of, plan_of):
    """Run with events on the sessions named; at 3 sessions the window of session 698 is pending."""

    def build(met):
        rng = np.random.default_rng(5)
        walks = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (700, 2)), axis=0))
        marks = np.zeros(700)
        marks[met] = 1
        sessions = np.busday_offset("2009-06-01", np.arange(700)).astype("datetime64[D]")
        columns = {"A": walks[:, 0], "B": walks[:, 1], "M": marks}
        return run_plan(plan_of(history_of(columns, kinds={"M": "rate"}, sessions=sessions)))

    return build


def influence(study):
    sessions = study.plan.dataset.prices.sessions
    return influence_of(study.assets[0].base_rate, study.detection.events.day0, sessions, study.assets[0].null_tests)


def test_each_group_against_a_study_without_its_events(run):
    study = run(MET)
    made = influence(study)
    np.testing.assert_allclose(made.excess, study.assets[0].measurement.excess, rtol=0, atol=1e-15)
    assert made.n.tolist() == [7, 6]
    assert made.n_events == 7
    assert made.p_value.tolist() == [test.p_value for test in study.assets[0].null_tests]
    sessions = study.plan.dataset.prices.sessions
    for left in made.left_out:
        groups = GROUPS[left.unit]
        assert left.labels == tuple(str(sessions[key]) if left.unit == "event" else key for key in groups)
        for row, gone in enumerate(groups.values()):
            rerun = run([day for day in MET if day not in gone])
            np.testing.assert_allclose(left.excess[row], rerun.assets[0].measurement.excess, rtol=0, atol=1e-15)
            assert left.n[row].tolist() == rerun.assets[0].measurement.summary.n.tolist()
            assert (left.out[row] + left.n[row]).tolist() == [7, 6]
            for column, test in enumerate(rerun.assets[0].null_tests):
                # nothing is left out at 3 sessions without the pending event: there is no p of its own
                expected = NAN if column == 1 and gone == [698] else test.p_value
                np.testing.assert_equal(left.p_value[row, column], expected)


def test_one_event_leaves_nothing(run):
    made = influence(run([50]))
    for left in made.left_out:
        assert left.n.tolist() == [[0, 0]]
        assert np.isnan(left.excess).all()
        assert np.isnan(left.p_value).all()
        assert left.most.tolist() == [-1, -1]
        assert np.isnan(left.excess_range).all()
        assert np.isnan(left.p_range).all()
        assert not left.changes_sign.any()


def left_out(excess, whole, p=None, out=None, n=None):
    """One horizon."""
    excess = np.array(excess, dtype=float)[:, None]
    out = np.ones(len(excess), dtype=int) if out is None else np.array(out)
    n = np.isfinite(excess[:, 0]).astype(int) if n is None else np.array(n)
    p = np.full(len(excess), NAN) if p is None else np.array(p)
    labels = tuple(str(2000 + i) for i in range(len(excess)))
    return LeftOut("year", labels, out[:, None], n[:, None], excess, p[:, None], np.array([whole]))


def test_the_most_influential_by_hand():
    left = left_out([0.03, -0.01, 0.02, NAN], 0.02, [0.2, 0.7, NAN, NAN])
    assert left.most.tolist() == [1]
    assert left.changes_sign[:, 0].tolist() == [False, True, False, False]
    assert left.excess_range[:, 0].tolist() == [-0.01, 0.03]
    assert left.p_range[:, 0].tolist() == [0.2, 0.7]


def test_a_group_that_takes_nothing_out_counts_nowhere():
    left = left_out([-0.05, 0.03], 0.02, [0.01, 0.3], out=[0, 1])
    assert left.most.tolist() == [1]
    assert left.changes_sign[:, 0].tolist() == [False, False]
    assert left.excess_range[:, 0].tolist() == [0.03, 0.03]
    assert left.p_range[:, 0].tolist() == [0.3, 0.3]


@pytest.mark.parametrize(
    ("whole", "without", "changes"),
    [(0.01, 0.0, True), (0.01, 1e-17, True), (0.0, 0.01, False), (1e-17, -0.01, False), (-0.01, -1e-9, False)],
)
def test_zero_has_no_sign(whole, without, changes):
    assert left_out([without], whole).changes_sign.tolist() == [[changes]]


def test_sign_by_hand():
    np.testing.assert_array_equal(sign(np.array([-2, -1e-13, 0, 1e-13, 1e-11, NAN])), [-1, 0, 0, 0, 1, NAN])


@given(st.integers(0, 10**6), st.integers(2, 30))
def test_means_without_one_average_to_the_mean_of_all(seed, n):
    beyond = np.random.default_rng(seed).normal(0, 0.1, (n, 2))
    out, remain, means = module._without(beyond, np.arange(n), n)
    assert (out == 1).all()
    assert (remain == n - 1).all()
    np.testing.assert_allclose(means.mean(axis=0), beyond.mean(axis=0), rtol=0, atol=1e-14)


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 6))
def test_means_without_a_group_against_a_loop(seed, n, n_groups):
    rng = np.random.default_rng(seed)
    beyond = np.where(rng.random((n, 2)) < 0.3, NAN, rng.normal(0, 0.1, (n, 2)))
    group = rng.integers(0, n_groups, n)
    out, remain, means = module._without(beyond, group, n_groups)
    for row in range(n_groups):
        for column in range(2):
            kept = [x for x, g in zip(beyond[:, column].tolist(), group, strict=True) if g != row and x == x]
            gone = [x for x, g in zip(beyond[:, column].tolist(), group, strict=True) if g == row and x == x]
            assert (out[row, column], remain[row, column]) == (len(gone), len(kept))
            expected = sum(kept) / len(kept) if kept else NAN
            np.testing.assert_allclose(means[row, column], expected, rtol=0, atol=1e-14)


def test_of_many_groups_the_ends_and_the_nearest_to_zero_are_shifted(run):
    met = list(range(10, 400, 20))
    study = run(met)
    made = influence(study)
    events = made.left_out[0]
    day0 = study.detection.events.day0
    for column, circle in enumerate(study.assets[0].base_rate.circles):
        rising = np.argsort(events.excess[:, column]).tolist()
        near = np.argsort(np.abs(events.excess[:, column])).tolist()
        shifted = {*rising[:3], *rising[-3:], *near[:2]}
        assert set(np.flatnonzero(np.isfinite(events.p_value[:, column])).tolist()) == shifted
        for row in shifted:
            places = circle.ranks(np.delete(day0, row))
            assert events.p_value[row, column] == shift_p_values(shift_statistics(circle, [places]))[0]


def test_which_groups_are_shifted_by_hand():
    excess = np.array([-5, -4, -3, -0.2, 0.1, 1, 3, 4, 5, 0.5, NAN])
    out = np.full(11, True)
    assert module.with_p(excess, out).tolist() == [0, 1, 2, 3, 4, 6, 7, 8]
    out[[3, 9]] = False  # eight are left that take something out and leave something
    assert module.with_p(excess, out).tolist() == [0, 1, 2, 4, 5, 6, 7, 8]


def test_a_set_that_is_left_twice_is_shifted_once(run, monkeypatch):
    study = run([10, 200, 500])  # one event a year: without the year is without the event
    shifted = []

    def spied(circle, sets):
        shifted.extend(len(one) for one in sets)
        return shift_p_values(shift_statistics(circle, sets))

    monkeypatch.setattr(module, "own_p_values", spied)
    made = influence(study)
    # at each horizon three sets of two events, and without the 2010s the one event of 2009; without 2009 is known
    assert sorted(shifted) == sorted(([2] * 3 + [1]) * 2)
    np.testing.assert_array_equal(made.left_out[1].p_value, made.left_out[0].p_value)


def test_without_a_test_there_is_no_p(history_of, plan_of):
    flat = {"A": [100.0] * 60, "B": [50.0] * 60, "M": [float(i in (5, 30)) for i in range(60)]}
    made = influence(run_plan(plan_of(history_of(flat, kinds={"M": "rate"}))))
    assert np.isnan(made.p_value).all()
    assert np.isnan(made.left_out[0].p_value).all()
    assert made.left_out[0].excess.tolist() == [[0, 0], [0, 0]]


def test_mean_of_what_is_taken():
    values = np.array([[1.0, NAN], [3.0, NAN], [NAN, 5.0]])
    np.testing.assert_array_equal(mean_of(values, np.isfinite(values)), [2, 5])
    np.testing.assert_array_equal(mean_of(values[:2], np.isfinite(values[:2])), [2, NAN])
