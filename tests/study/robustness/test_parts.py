"""Halves and sides of a seam, against studies whose sample window is the part, and loops."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.model import Seam
from backtest.study.robustness.parts import Part, disagree, halves_of, parts_of, sides_of_seams
from backtest.study.run import run_plan

NAN = float("nan")
MET = [3, 20, 61, 90, 93, 117]
DAYS = np.busday_offset("2000-01-03", np.arange(120)).astype("datetime64[D]")


@pytest.fixture
def run(history_of, plan_of):
    """A hundred and twenty weekdays; on sessions 50 to 59 the detector cannot be judged."""

    def build(met=MET, overrides=None):
        rng = np.random.default_rng(8)
        turbulent = np.where(np.arange(120) // 15 % 2, 0.03, 0.005)  # so that the expected variance varies
        walks = 100 * np.exp(np.cumsum(rng.normal(0.002, 1, (120, 2)) * turbulent[:, None], axis=0))
        marks = np.zeros(120)
        marks[met] = 1
        marks[50:60] = NAN
        prices = history_of({"A": walks[:, 0], "B": walks[:, 1], "M": marks}, kinds={"M": "rate"})
        return run_plan(plan_of(prices, overrides))

    return build


def seam(day):
    return Seam(day if isinstance(day, dt.date) else day.item(), "old", "new")


def of(study, *more, cut=halves_of):
    return cut(study.assets[0].base_rate, study.detection.events.day0, study.plan.dataset.prices.sessions, *more)


def p_within(circle, first, last, day0):
    """Shift the events on a circle of the sessions from one to another, picked one by one."""
    rows = [i for i, at in enumerate(circle.position.tolist()) if first <= at <= last]
    held = {field.name: getattr(circle, field.name) for field in dataclasses.fields(circle)}
    taken = {name: np.array([of[i] for i in rows]) if np.ndim(of) else of for name, of in held.items()}
    taken["deviation"] = taken["deviation"] - sum(taken["deviation"]) / len(rows)
    where = {at: rank for rank, at in enumerate(taken["position"].tolist())}
    places = np.array([where[day] for day in day0.tolist() if day in where])
    return shift_p_values(shift_statistics(type(circle)(**taken), [places]))[0]


def check(parts, study, run, spans):
    assert [(part.first, part.last) for part in parts] == [(DAYS[a].item(), DAYS[b].item()) for a, b in spans]
    day0 = study.detection.events.day0
    for part, (first, last) in zip(parts, spans, strict=True):
        alone = run(overrides={"episodes.since": DAYS[first].item(), "episodes.until": DAYS[last].item()})
        assert part.n.tolist() == alone.assets[0].measurement.summary.n.tolist()
        assert part.sessions.tolist() == alone.assets[0].base_rate.summary.n.tolist()
        np.testing.assert_allclose(part.base_mean, alone.assets[0].base_rate.summary.judged.mean, rtol=0, atol=1e-15)
        np.testing.assert_allclose(part.excess, alone.assets[0].measurement.excess, rtol=0, atol=1e-15)
        for column, circle in enumerate(study.assets[0].base_rate.circles):
            assert part.p_value[column] == p_within(circle, first, last, day0)
            rows = [i for i, at in enumerate(circle.position.tolist()) if first <= at <= last]
            mean = sum(circle.deviation[i] for i in rows) / len(rows)
            squares = sum((circle.deviation[i] - mean) ** 2 for i in rows)
            assert part.variance_ratio[column] == pytest.approx(
                squares / sum(circle.realised[i] for i in rows), rel=1e-12
            )


def test_each_half_is_a_study_of_its_own(run):
    # 110 sessions can be judged: the 56th is session 65, as ten are left out before it.
    study = run()
    check(of(study), study, run, [(0, 64), (65, 119)])


def test_the_sides_of_a_seam_are_studies_of_their_own(run):
    study = run()
    check(of(study, [seam(DAYS[90])], cut=sides_of_seams), study, run, [(0, 89), (90, 119)])


def test_two_seams_cut_in_three(run):
    study = run()
    parts = of(study, [seam(DAYS[90]), seam(DAYS[20])], cut=sides_of_seams)
    check(parts, study, run, [(0, 19), (20, 89), (90, 119)])


def test_a_seam_where_nothing_is_judged_cuts_at_the_next_session(run):
    study = run()
    parts = of(study, [seam(DAYS[52]), seam(DAYS[55])], cut=sides_of_seams)
    check(parts, study, run, [(0, 49), (60, 119)])


@pytest.mark.parametrize("day", [DAYS[0], dt.date(1990, 1, 2), dt.date(2020, 1, 2)])
def test_a_seam_outside_of_the_sample_cuts_nothing(run, day):
    assert of(run(), [seam(day)], cut=sides_of_seams) == ()


def test_without_a_seam_there_are_no_sides(run):
    assert of(run(), [], cut=sides_of_seams) == ()


def test_a_part_without_events_has_a_base_rate_alone(run):
    first, last = of(run([61, 90]))
    assert first.n.tolist() == [1, 1]
    first, last = of(run([90, 93]))
    assert first.n.tolist() == [0, 0]
    assert np.isfinite(first.base_mean).all()
    assert np.isnan(first.excess).all()
    assert np.isnan(first.p_value).all()
    assert last.n.tolist() == [2, 2]


def test_an_event_whose_window_is_pending_is_not_counted(run):
    assert of(run([115, 117]))[1].n.tolist() == [2, 1]


def test_a_part_that_is_over_before_a_window_is_complete(run):
    study = run([3, 118])
    last = of(study, [107], cut=parts_of)[1]  # sessions 117 to 119, without a window of 3
    assert last.sessions.tolist() == [2, 0]
    assert last.n.tolist() == [1, 0]
    np.testing.assert_array_equal(np.isnan(last.base_mean), [False, True])
    np.testing.assert_array_equal(np.isnan(last.p_value), [False, True])


def test_without_a_test_there_is_no_p(history_of, plan_of):
    flat = {"A": [100.0] * 60, "B": [50.0] * 60, "M": [float(i in (5, 40)) for i in range(60)]}
    for half in of(run_plan(plan_of(history_of(flat, kinds={"M": "rate"})))):
        assert half.excess.tolist() == [0, 0]
        assert np.isnan(half.p_value).all()


def part(*excess):
    n = np.isfinite(excess).astype(int)
    day, blank = dt.date(2000, 1, 3), np.zeros(len(excess))
    return Part(day, day, n, n, blank, np.array(excess), blank, blank)


def test_disagreement_by_hand():
    parts = [
        part(0.1, 0.1, NAN, NAN, 0.1, 0.0),
        part(0.2, -0.1, 0.1, NAN, 0.0, 0.0),
        part(0.3, 0.2, NAN, NAN, NAN, NAN),
    ]
    assert disagree(parts).tolist() == [False, True, False, False, True, False]
