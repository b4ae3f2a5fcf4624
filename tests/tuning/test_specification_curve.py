"""Intervals against single runs, and the joint p of the median against shifts made one by one."""

from __future__ import annotations

import numpy as np
import pytest

import backtest.tuning.specification_curve as module
from backtest.inference.neighbouring_sets import Look
from backtest.study.run import run_plan
from backtest.tuning.evidence_of_search import own_set
from backtest.tuning.scores import goodness
from backtest.tuning.specification_curve import MOST_LOOKS, curve, intervals

from ..slow_shift import slow_statistics

GRID = {"detector.least": [1.0, 3.0, 9.0], "episodes.cooldown": [0, 4]}
TRADE = "\n[trade]\nhold = 3\ncost_bps = 2\n"


def test_every_interval_and_every_sharpe_is_that_of_a_run(search_of):
    found = search_of(GRID, TRADE)
    of = intervals(found, 1)
    sharpe = goodness(found, "sharpe", 1)
    for at, trial in enumerate(found.trials[:4]):
        study = run_plan(found.plan.vary(trial.parameters))
        rows = study.summary["horizons"]
        for ends, name in ((of.low, "ci_low"), (of.high, "ci_high")):
            assert [None if value != value else value for value in ends[at].tolist()] == [row[name] for row in rows]
        assert sharpe[at] == pytest.approx(study.with_trade().trade.sharpe, rel=1e-9)
    assert np.isnan(of.low[4:]).all()  # marks of 9 never come
    assert np.isnan(sharpe[4:]).all()
    assert of.columns == [0, 1]


@pytest.mark.parametrize("least", [[1.0, 2.0, 3.0], [1.0, 2.0, 2.5, 3.0]])  # 2.5 and 3 have the same events
def test_the_joint_p_is_that_of_the_median_under_every_shift(search_of, least, monkeypatch):
    found = search_of({"detector.least": least})
    tables = []
    for trial in found.trials:
        circle = trial.base_rate.circles[0]
        tables.append(slow_statistics(circle, circle.ranks(trial.day0)))
    medians = [abs(float(np.median([table[k] for table in tables]))) for k in range(len(tables[0]))]
    p = sum(one >= medians[0] * (1 - 1e-6) for one in medians) / len(medians)
    assert intervals(found, 0).joint == pytest.approx(p, abs=1e-12)
    monkeypatch.setattr(module, "ROOM", 10)  # two or three shifts at a time
    assert intervals(found, 0).joint == pytest.approx(p, abs=1e-12)


def test_the_curve_orders_what_has_an_effect(search_of):
    found = search_of(GRID)
    of = curve(found, 1, 0.5)
    excess = found.excess[:, 1].tolist()
    assert of.order.tolist() == sorted(range(4), key=excess.__getitem__)  # the last two have no event
    assert of.positive == sum(value > 0 for value in excess)
    assert of.median == pytest.approx(np.median(excess[:4]))
    assert own_set(found) == 0  # the detector's default, and no cooldown


def test_sets_with_the_same_events_are_computed_once_and_too_many_at_one_horizon(search_of, monkeypatch):
    found = search_of({"detector.least": [1.0, 3.0], "detector.pattern": [1, 2]})
    whole = intervals(found, 0)
    assert whole.columns == [0, 1]
    assert MOST_LOOKS > 1000
    monkeypatch.setattr(module, "MOST_LOOKS", 3)
    few = intervals(found, 1)
    assert few.columns == [1]
    assert np.isnan(few.low[:, 0]).all()
    assert few.low[2, 1] == few.low[3, 1] == whole.low[3, 1] < 0
    monkeypatch.setattr(module, "MOST_LOOKS", 1)
    many = intervals(found, 1)
    assert (many.columns, many.joint) == ([1], None)
    assert many.low[:, 1] == pytest.approx(whole.low[:, 1], rel=1e-5, nan_ok=True)
    assert many.high[:, 1] == pytest.approx(whole.high[:, 1], rel=1e-5, nan_ok=True)
    assert np.isnan(many.low[:, 0]).all()


def test_where_there_are_too_many_looks_intervals_are_made_of_sizes(search_of, monkeypatch):
    found = search_of({"detector.least": [1.0, 2.0, 3.0, 9.0], "episodes.cooldown": [0, 1, 4, 30]})
    whole = intervals(found, 0)
    monkeypatch.setattr(module, "MOST_LOOKS", 1)
    many = intervals(found, 0)
    for one, other in ((many.low, whole.low), (many.high, whole.high)):
        assert one[:, 0] == pytest.approx(other[:, 0], rel=1e-5, abs=1e-9, nan_ok=True)
    assert np.isfinite(many.low[:12, 0]).all()
    assert np.isnan(many.low[12:, 0]).all()  # marks of 9 never come
    # Where the excess is zero, the sizes have no unit, and the shifts are made again.
    monkeypatch.setattr(module, "looks_along", lambda _circle, events: (Look(1.0, np.zeros(9)) for _ in events))
    assert list(module._along(found, [0], 0)) == [(0, (whole.low[0, 0], whole.high[0, 0]))]
