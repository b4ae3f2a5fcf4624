"""What is calibrated is the verdict that a run prints; and the naive t has the error rate that theory gives it."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from backtest.calibration.judges import judge
from backtest.calibration.one_history import rejections
from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.horizons import infer
from backtest.inference.opinions.naive_t import naive_t
from backtest.inference.opinions.opinion import METHODS
from backtest.measure.forward import Leg
from backtest.model import horizons_of
from backtest.study.base_rate import BaseRate, measure_legs

HORIZONS = (1, 5, 20)


@pytest.fixture(scope="module")
def base_rate():
    rng = np.random.default_rng(2)
    levels = [np.cumprod(1 + rng.normal(0, 0.01, 400) * np.linspace(0.3, 3, 400)) for _ in range(2)]
    every = measure_legs([Leg(level, level) for level in levels], horizons_of(HORIZONS), 1)
    return BaseRate(every, np.arange(400) >= 3)


EVENTS = [np.array([10, 50, 120, 330]), np.array([5, 6, 7, 200, 395]), np.array([399])]


def test_verdict_is_that_of_a_run(base_rate):
    judged = judge(base_rate, EVENTS, sized=(0, 1, 2))
    for row, day0 in enumerate(EVENTS):
        n = np.array([len(circle.ranks(day0)) for circle in base_rate.circles])
        for column, run in enumerate(infer([base_rate.circles], day0, [n])[0]):
            known = {
                "verdict": run.test.p_value,
                "adjusted": run.test.p_adjusted,
                "standardised": run.standardised.p_value,
            }
            for key, p in known.items():
                found = judged.p[key][row, column]
                assert math.isnan(found) if p is None else found == pytest.approx(p, abs=1e-12), (row, column, key)
            size = judged.effects[row][column]
            assert (size.low, size.high, size.detectable) == (run.effect.low, run.effect.high, run.effect.detectable)
    assert np.isnan(judged.p["verdict"][2]).all()


def test_standardised_is_the_same_test_on_the_standardised_circle(base_rate):
    judged = judge(base_rate, EVENTS[:1])
    circle = base_rate.circles[1].standardised
    alone = shift_p_values(shift_statistics(circle, [circle.ranks(EVENTS[0])]))[0]
    assert judged.p["standardised"][0, 1] == alone
    assert judged.p["standardised"][0, 1] != judged.p["verdict"][0, 1]


def test_other_tests_join_by_name(base_rate):
    def coin(cell):
        return {"coin": 0.5 if cell.column else math.nan, "events": float(len(cell.circle.ranks(cell.day0)))}

    judged = judge(base_rate, EVENTS, others=(coin,))
    assert np.isnan(judged.p["coin"][:, 0]).all()
    assert (judged.p["coin"][:, 1:] == 0.5).all()
    assert judged.p["events"].tolist() == [[4, 4, 4], [5, 4, 4], [0, 0, 0]]


def test_rejections_by_hand():
    p = np.array([[0.05, 0.051, np.nan], [0.2, 0.06, 0.9], [np.nan] * 3])
    found = rejections(SimpleNamespace(p={"verdict": p}))["verdict"]
    assert found[0, [0, 1, 3]].tolist() == [1, 0, 1]
    assert np.isnan(found[0, 2])
    assert found[1].tolist() == [0, 0, 0, 0]
    assert np.isnan(found[2]).all()


def test_opinions_are_asked_of_the_same_events(base_rate):
    judged = judge(base_rate, EVENTS)
    assert {*METHODS, "bootstrap"} < judged.p.keys()
    returned = base_rate.forward.judged[:, 1]
    inside = EVENTS[1][np.isfinite(returned[EVENTS[1]])]
    by_hand = stats.ttest_1samp(returned[inside], np.nanmean(returned[base_rate.eligible])).pvalue
    assert judged.p["naive_t"][1, 1] == pytest.approx(by_hand, abs=1e-12)


@pytest.mark.parametrize(("horizon", "known"), [(5, 0.38), (20, 0.66), (60, 0.80)])
def test_naive_t_on_overlapping_windows_rejects_as_often_as_is_known(horizon, known):
    """Of many overlapping windows the mean varies h times as much as the t-test takes it to: 2 Phi(-1.96 / sqrt(h))."""
    assert 2 * stats.norm.cdf(-1.96 / math.sqrt(horizon)) == pytest.approx(known, abs=0.005)
    rng, histories = np.random.default_rng(8), 500
    rejected = 0
    for _ in range(histories):
        total = np.concatenate(([0.0], np.cumsum(rng.standard_normal(6000 + horizon))))
        rejected += naive_t(total[horizon:] - total[:-horizon], 0.0).p_value <= 0.05
    assert rejected / histories == pytest.approx(known, abs=3 * math.sqrt(known * (1 - known) / histories))
