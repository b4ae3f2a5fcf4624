"""The sample window, and which events lie in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from backtest.detect.registry import Detector
from backtest.errors import NoEvents, StudyRefused
from backtest.lookahead.guard import Passed
from backtest.model import Contracts
from backtest.spec.strategy import EpisodesTable
from backtest.study.detect_events import detect_events, sample_window
from backtest.study.run import run_plan

NAN = float("nan")
LEVEL = [100.0 + t % 7 for t in range(20)]


def history(history_of, marks, **columns):
    """Twenty weekdays from Monday 2000-01-03 on; a string of marks, ``u`` met, ``.`` not, ``?`` missing."""
    values = [{"u": 1.0, ".": 0.0, "?": NAN}[mark] for mark in marks.ljust(20, ".")]
    return history_of({"A": LEVEL, "B": [50.0] * 20, "M": values, **columns}, kinds={"M": "rate"})


def window(prices, reads=("M",), **rules):
    first, last = sample_window(prices, EpisodesTable(**rules), reads)
    return str(prices.sessions[first]), str(prices.sessions[last])


def test_the_window_runs_where_every_series_read_has_begun_and_not_ended(history_of):
    prices = history(history_of, "??.u?.u..u?????", N=[NAN] * 4 + [1.0] * 16)
    assert window(prices, ()) == ("2000-01-03", "2000-01-28")
    assert window(prices, ("A",)) == ("2000-01-03", "2000-01-28")
    assert window(prices, ("M",)) == ("2000-01-05", "2000-01-28")
    assert window(prices, ("M", "N")) == ("2000-01-07", "2000-01-28")
    ended = history(history_of, "..u" + "." * 10 + "?" * 7)
    assert window(ended) == ("2000-01-03", "2000-01-19")


def test_a_table_of_futures_begins_and_ends_with_its_quotes(history_of):
    table = Contracts(np.array([3, 3, 9]), np.array([360, 361, 361]), np.array([95.0, 95.0, 95.0]))
    prices = history_of({"A": LEVEL}, tables={"ZQ": table})
    assert window(prices, ("ZQ",)) == ("2000-01-06", "2000-01-14")


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"since": dt.date(2000, 1, 5)}, ("2000-01-05", "2000-01-28")),
        ({"since": dt.date(2000, 1, 8)}, ("2000-01-10", "2000-01-28")),  # a Saturday: from Monday
        ({"until": dt.date(2000, 1, 8)}, ("2000-01-03", "2000-01-07")),  # to Friday
        ({"until": dt.date(2000, 1, 7)}, ("2000-01-03", "2000-01-07")),
        ({"since": dt.date(1900, 1, 1), "until": dt.date(2100, 1, 1)}, ("2000-01-03", "2000-01-28")),
        ({"since": dt.date(2000, 1, 7), "until": dt.date(2000, 1, 7)}, ("2000-01-07", "2000-01-07")),
    ],
)
def test_since_and_until_are_days_and_both_included(history_of, rules, expected):
    assert window(history(history_of, ""), **rules) == expected


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"since": dt.date(2001, 1, 1)}, "since 2001-01-01, until the end,"),
        ({"until": dt.date(1999, 1, 1)}, "since the start, until 1999-01-01,"),
        ({"since": dt.date(2000, 1, 8), "until": dt.date(2000, 1, 9)}, "since 2000-01-08, until 2000-01-09,"),
    ],
)
def test_an_empty_window_is_refused(history_of, rules, words):
    with pytest.raises(StudyRefused) as refused:
        window(history(history_of, ""), **rules)
    assert str(refused.value) == (
        f"the sample window is empty: {words} and the detector reads M. The dataset runs from 2000-01-03 to 2000-01-28."
    )


def test_a_series_without_a_value_leaves_no_window(history_of):
    with pytest.raises(StudyRefused, match="the sample window is empty"):
        window(history(history_of, "?" * 20))


def seen(plan):
    found = detect_events(plan)
    return found.events.day0.tolist(), found.episodes.trigger.tolist()


def test_the_pattern_may_form_before_the_window_but_day_0_lies_in_it(history_of, plan_of):
    # Triggers on sessions 2, 8 and 14 (2000-01-05, 01-13, 01-21), each the end of a pattern of three.
    prices = history(history_of, "..u.....uu....u")
    assert seen(plan_of(prices)) == ([2, 8, 14], [2, 8, 14])
    since = {"episodes.since": dt.date(2000, 1, 12), "detector.pattern": 3}
    assert seen(plan_of(prices, since)) == ([8, 14], [8, 14])
    # Day 1 of the second pattern lies on 2000-01-11, before the window.
    assert seen(plan_of(prices, {**since, "episodes.day0": "start"})) == ([12], [8, 14])
    assert seen(plan_of(prices, {"episodes.until": dt.date(2000, 1, 13), "episodes.day0": "end"})) == ([2], [2, 8])


def test_the_detector_is_asked_once_for_the_same_parameters(history_of, plan_of, monkeypatch):
    prices = history(history_of, "..u.....u")
    cache = {}
    plan = plan_of(prices)
    asked = []
    detect = Detector.condition

    def counted(self, *given):
        asked.append(given)
        return detect(self, *given)

    monkeypatch.setattr(Detector, "condition", counted)
    first = detect_events(plan, cache, passed=Passed())
    again = detect_events(plan_of(prices, {"episodes.cooldown": 9}), cache, passed=Passed())
    assert len(asked) == 1
    assert again.condition.met is first.condition.met
    assert again.reads == first.reads == ("M",)
    assert len(again.events) == 1
    detect_events(plan_of(prices, {"detector.least": 0.5}), cache, passed=Passed())
    assert len(asked) == 2


def test_no_event_is_a_refusal_that_says_how_much_was_judged(history_of, plan_of, workspace):
    prices = history(history_of, "..?....")
    with pytest.raises(NoEvents) as refused:
        run_plan(plan_of(prices, {"episodes.since": dt.date(2000, 1, 4)}))
    place = workspace.root / "strategies" / "marked.toml"
    assert str(refused.value) == (
        f"{place} as overridden: no event between 2000-01-04 and 2000-01-28 on made "
        "(18 sessions could be judged). Loosen the detector's threshold with --set, or widen the sample window."
    )


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"measure.benchmark": "A"},
            (
                "measure.asset and measure.benchmark are both 'A'; their spread is zero. "
                'Name two series; measure.benchmark="" measures the asset alone.'
            ),
        ),
        (
            {"measure.asset": "M"},
            (
                "measure.asset = 'M' is of kind rate; a leg is an index of prices or total returns. "
                "'backtest show DATASET' lists the kinds."
            ),
        ),
        (
            {"measure.benchmark": "P"},
            (
                "measure.asset 'A' is a total return index and measure.benchmark 'P' a price index; dividends alone "
                "would part them by 1.5 to 2% a year. Choose legs on one basis, or set measure.allow_mixed_basis=true."
            ),
        ),
        (
            {"measure.entry": "next_open"},
            (
                "series 'A' (total_return_index) has no open per session in this dataset. "
                "Choose a series that has one; 'backtest show DATASET' lists them."
            ),
        ),
    ],
)
def test_legs_that_cannot_be_compared_are_refused(history_of, plan_of, overrides, message):
    values = history(history_of, "..u").columns
    prices = history_of({**values, "P": LEVEL}, kinds={"M": "rate", "P": "price_index"})
    with pytest.raises(StudyRefused) as refused:
        run_plan(plan_of(prices, overrides))
    place, _, said = str(refused.value).partition(" as overridden on made: ")
    assert place.endswith("marked.toml")
    assert said == message


def test_two_roles_of_one_series_are_the_same_leg(history_of, plan_of):
    values = history(history_of, "..u").columns
    prices = history_of(values, kinds={"M": "rate"}, roles={"small": "A"})
    with pytest.raises(StudyRefused, match="are both 'A'"):
        run_plan(plan_of(prices, {"measure.asset": "small", "measure.benchmark": "A"}))


def test_a_mixture_of_bases_is_measured_where_asked_for_and_noted(history_of, plan_of):
    values = history(history_of, "..u").columns
    prices = history_of({**values, "P": [50.0] * 20}, kinds={"M": "rate", "P": "price_index"})
    study = run_plan(plan_of(prices, {"measure.benchmark": "P", "measure.allow_mixed_basis": True}))
    # From session 2 (102) to 5 (105), while P stands still.
    assert study.summary["horizons"][1]["spread_mean"] == pytest.approx(105 / 102 - 1)
    note = "One leg includes dividends, the other does not: 1.5 to 2% a year part them."
    assert {"code": "mixed_basis", "about": "measure", "text": note} in study.summary["notes"]
    same = run_plan(plan_of(prices, {"measure.allow_mixed_basis": True}))
    assert note not in [n["text"] for n in same.summary["notes"]]


@pytest.mark.parametrize(
    ("stored", "hint"),
    [
        (True, "An input is missing throughout; 'backtest show made' says which series run from when."),
        (False, "An input is missing throughout."),  # a frame of the caller's own: there is nothing to show
    ],
)
def test_a_hint_names_the_dataset_that_can_be_shown(history_of, plan_of, stored, hint):
    # The first return over 15 sessions is known after the sample window.
    late = {
        "detector.use": "move",
        "detector.series": "A",
        "detector.sessions": 15,
        "episodes.until": dt.date(2000, 1, 14),
    }
    plan = plan_of(history(history_of, ""), late)
    plan = plan.on(replace(plan.dataset, reference=(lambda: plan.dataset) if stored else None))
    with pytest.raises(NoEvents) as refused:
        run_plan(plan)
    assert refused.value.hint == hint
