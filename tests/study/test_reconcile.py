"""What was read is an event or left out for a reason; anything else is a bug, and the command line says so."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from backtest.cli import BUG, status_of
from backtest.detect.registry import Detector
from backtest.model import Account, Exclusion, SumsDoNotAddUp
from backtest.plan import Plan
from backtest.spec.strategy import Strategy
from backtest.study.detect_events import detect_events
from backtest.study.reconcile import check_windows, reconcile
from backtest.study.run import run_plan

LEVELS = {"A": 100 + np.arange(40.0), "B": [50.0] * 40}
MEASURE = {"asset": "A", "benchmark": "B", "horizons": [1, 3], "window": [-2, 3]}


@pytest.fixture
def listed(history_of, dataset_of):
    """Plan a study of listed dates on forty weekdays, from Monday 3 January to Friday 25 February 2000."""

    def build(detector, **tables):
        strategy = Strategy.of(detector, measure=MEASURE, **tables)
        return Plan(strategy, dataset_of(history_of(LEVELS)))

    return build


DAYS = ["1999-12-31", "2000-01-04", "2000-01-05", "2000-01-08", "2000-01-10", "2000-01-20", "2000-02-25"]


def said(account):
    return {one.reason: one.dates for one in account.excluded}


def test_dates_are_events_or_left_out_for_a_reason(listed):
    found = detect_events(listed(DAYS, episodes={"cooldown": 1, "until": dt.date(2000, 2, 1)}))
    of_dates, of_episodes = found.accounts
    # 8 January is a Saturday, and falls on Monday the 10th as the next date does.
    assert (of_dates.read, of_dates.kept) == (7, 5)
    assert said(of_dates) == {"merged": ("2000-01-10",), "outside_history": ("1999-12-31",)}
    assert (of_episodes.of, of_episodes.read, of_episodes.kept) == ("episodes", 5, 3)
    assert said(of_episodes) == {"outside_sample": ("2000-02-25",), "cooldown": ("2000-01-05",)}
    assert len(found.events) + sum(len(days) for one in found.accounts for days in said(one).values()) == 7


def test_the_record_and_the_notes_name_each(listed):
    run = run_plan(listed(DAYS, episodes={"cooldown": 1, "until": dt.date(2000, 2, 1)})).summary
    assert [account["about"] for account in run["reconciliation"]] == ["detector", "episodes"]
    assert run["reconciliation"][0]["excluded"][0] == {"reason": "merged", "n": 1, "dates": ["2000-01-10"]}
    by_code = {note["code"]: note["text"] for note in run["notes"]}
    assert "2000-01-08 to 2000-01-10" in by_code["dates_moved"]
    assert "2000-01-10 (on 2000-01-10)" in by_code["dates_merged"]
    assert "1999-12-31" in by_code["dates_outside_history"]
    assert "2000-01-05; episodes.cooldown is 1, and 0 keeps all" in by_code["cooldown"]
    assert "2000-02-25; it runs from 2000-01-03 to 2000-02-01" in by_code["outside_sample"]


def test_an_end_that_is_not_seen(listed):
    found = detect_events(listed(["2000-01-04", "2000-02-25"], episodes={"day0": "end"}))
    assert said(found.accounts[-1]) == {"no_end": ("2000-02-25",)}


def test_lists_among_conditions_have_an_account_each(listed):
    conditions = {
        "fed": {"use": "dates", "dates": ["2000-01-04", "2000-01-05", "1999-01-01"]},
        "high": {"use": "level", "series": "A", "threshold": 102.0},
    }
    plan = listed({"all": ["fed", "high"]}, conditions=conditions)
    found = detect_events(plan)
    # A is 100 on 3 January and rises by 1: 102 on the 5th.
    assert [account.about for account in found.accounts] == ["conditions.fed", "episodes"]
    assert (found.accounts[0].read, found.accounts[0].kept) == (3, 2)
    assert found.accounts[1].kept == 1
    both = detect_events(listed({"any": ["fed", "high"]}, conditions=conditions))
    # The 4th is listed; on the 5th another listed date begins, and the run goes on to the end.
    assert both.found.trigger.tolist() == [1, 2]
    assert both.found.end.tolist() == [1, 39]


def test_an_account_that_does_not_add_up_is_a_bug():
    Account("dates", 3, 2, (Exclusion("merged", ("2000-01-04",)),)).check()
    with pytest.raises(SumsDoNotAddUp, match=r"detector: 3 dates read, 1 kept and 1 left out\."):
        Account("dates", 3, 1, (Exclusion("merged", ("2000-01-04",)),)).check()


def test_an_event_that_is_lost_on_the_way_is_a_bug(listed):
    plan = listed(DAYS)
    found = detect_events(plan)
    lost = replace(found, events=replace(found.events, episodes=found.events.episodes.take(np.arange(1, 5))))
    lost = replace(lost, events=replace(lost.events, day0=lost.events.day0[1:], knowable=lost.events.knowable[1:]))
    with pytest.raises(SumsDoNotAddUp, match="episodes: 5 episodes read, 4 kept and 0 left out"):
        reconcile(plan, lost)
    swallowed = replace(found, found=found.found.take(np.arange(4)), events=lost.events)
    with pytest.raises(SumsDoNotAddUp):
        reconcile(plan, swallowed)


def test_dates_that_one_episode_swallows_are_a_bug(listed, monkeypatch):
    plan = listed(["2000-01-04", "2000-01-05"])
    ask = Detector.condition
    monkeypatch.setattr(Detector, "condition", lambda *given: replace(ask(*given), begins=None))
    with pytest.raises(SumsDoNotAddUp, match="2 sessions have a listed date, and there are 1 episodes"):
        detect_events(plan)


def test_a_horizon_that_loses_an_event_is_a_bug(listed):
    measurement = run_plan(listed(DAYS)).assets[0].measurement
    check_windows(measurement)
    summary = replace(measurement.summary, n=measurement.summary.n - 1)
    with pytest.raises(SumsDoNotAddUp):
        check_windows(replace(measurement, summary=summary))


def test_the_command_line_calls_it_a_bug(monkeypatch, capsys):
    def unbalanced(*_):
        raise SumsDoNotAddUp("3 dates read, 1 kept and 1 left out.")

    monkeypatch.setattr("backtest.study.detect_events.reconcile", unbalanced)
    assert status_of(["events", "streak5"]) == BUG
    assert "This is a bug of backtest." in capsys.readouterr().err
