"""A search does not see the sessions of a holdout, whatever they hold."""

from __future__ import annotations

import datetime as dt
import pickle

import numpy as np
import pytest

from backtest.errors import StudyRefused
from backtest.study.looks_of_study import looks_of_study
from backtest.study.run import run_plan
from backtest.study.withheld import withheld_json, without
from backtest.tuning.search import search

N, CUT = 600, 400


def columns(later: float) -> dict[str, np.ndarray]:
    """A history whose last third is multiplied, and has other events."""
    rng = np.random.default_rng(20240716)
    found = {name: 100 * np.exp(np.cumsum(rng.normal(0, 0.01, N))) for name in "AB"}
    marks = np.where(rng.random(N) < 0.05, 1.0, 0.2)
    marks[CUT:] = 1.0 if later != 1.0 else marks[CUT:]
    found["M"] = marks
    found["A"][CUT:] *= np.linspace(1.0, later, N - CUT)
    return found


@pytest.fixture
def begins(history_of) -> dt.date:
    return history_of(columns(1.0)).sessions[CUT].astype(object)


def test_what_the_holdout_holds_changes_nothing(plan_of, history_of, begins):
    sets = [{"detector.least": 0.5}, {"episodes.cooldown": 5}]
    one, other = (without(plan_of(history_of(columns(later))), begins) for later in (1.0, 7.0))
    found, again = search(one, sets), search(other, sets)
    for name in ("n", "excess", "p_value", "p_adjusted"):
        np.testing.assert_array_equal(getattr(found, name), getattr(again, name))
    whole = search(plan_of(history_of(columns(7.0)), {"episodes.until": begins - dt.timedelta(days=1)}), sets)
    assert not np.array_equal(whole.excess, found.excess), "until alone lets windows reach into the holdout"


def test_windows_that_would_end_in_it_are_pending(plan_of, history_of, begins):
    marks = columns(1.0)
    marks["M"][:] = 0.2
    marks["M"][[50, CUT - 2]] = 1.0  # by hand: of horizons 1 and 3, only the first ends before the cut
    study = run_plan(without(plan_of(history_of(marks)), begins))
    assert [one.n for one in study.assets[0].results] == [2, 1]
    looked = looks_of_study(study, "run")
    assert dt.date.fromisoformat(looked.last) < begins


def test_the_study_without_them_can_be_sent_to_a_worker(plan_of, history_of, begins):
    sent = pickle.loads(pickle.dumps(without(plan_of(history_of(columns(1.0))), begins)))
    assert len(sent.dataset.prices) == CUT


def test_the_record_says_how_many_are_set_aside(plan_of, history_of, begins):
    plan = plan_of(history_of(columns(1.0)))
    said = withheld_json(plan, without(plan, begins), begins)
    assert (said["from"], said["sessions"]) == (begins.isoformat(), N - CUT)
    assert said["data_sha256"] == plan.dataset.sha256 != without(plan, begins).dataset.sha256
    assert said["last"] == str(plan.dataset.prices.sessions[CUT - 1])


@pytest.mark.parametrize(("day", "said"), [("1990-01-01", "nothing to search"), ("2090-01-01", "nothing aside")])
def test_a_holdout_of_all_or_nothing_is_refused(plan_of, history_of, day, said):
    with pytest.raises(StudyRefused, match=said):
        without(plan_of(history_of(columns(1.0))), dt.date.fromisoformat(day))
