"""What came after events, on a history whose returns can be done in the head."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.claims.evidence import measure
from backtest.claims.export import claim_json
from backtest.claims.found import NotMeasured
from backtest.claims.judge import JudgeContext, judge
from backtest.claims.readings import Reading
from backtest.lookahead.guard import Passed
from backtest.spec.claim import ClaimTable
from backtest.spec.figure import FigureTable

ON = dt.date(2000, 1, 14)
"""The tenth of the weekdays from 2000-01-03 on, session 9."""
ASSET = [100, 100, 110, 110, 121, 110, 110, 100, 100, 105, 210, 210, 210]
OTHER = [100, 100, 105, 100, 100, 105, 100, 100, 100, 100, 100, 100, 100]
MARKS = [0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0]
"""Sessions 1 and 2 are one episode; then 4, 7 and 9, whose outcome was not known on session 9."""


@pytest.fixture
def plan(history_of, plan_of):
    return plan_of(history_of({"A": ASSET, "B": OTHER, "M": MARKS}, kinds={"M": "rate"}))


def found(plan, what="mean", *, reading=None, on=ON, horizon=1, **keys):
    """Measure one outcome, one session later unless said otherwise."""
    figure = FigureTable.model_validate({"name": "n", "find": "outcome", "what": what, "horizon": horizon, **keys})
    return measure(figure, plan, on, {}, Passed(), reading or Reading("own"))


EVERY = Reading("every", counting="every")
LATER = Reading("later", span="later")
ALL = Reading("all", span="all")


@pytest.mark.parametrize(
    ("what", "reading", "number", "n"),
    [
        # after sessions 1, 4 and 7: +10%, 110/121 - 1, 0
        ("n", None, 3, 3),
        ("mean", None, (0.1 + (110 / 121 - 1) + 0.0) / 3, 3),
        ("median", None, 0.0, 3),
        ("positive", None, 1 / 3, 3),
        ("ahead", None, 1 / 3, 3),  # +10% against +5%; -9% against +5%; 0 against 0
        # session 2 too: 0 against 100/105 - 1
        ("n", EVERY, 4, 4),
        ("median", EVERY, 0.0, 4),
        ("positive", EVERY, 1 / 4, 4),
        ("ahead", EVERY, 2 / 4, 4),
        # session 9 too: the price doubled on session 10
        ("n", LATER, 4, 4),
        ("mean", LATER, (0.1 + (110 / 121 - 1) + 0.0 + 1.0) / 4, 4),
    ],
)
def test_what_came_after(plan, what, reading, number, n):
    outcome = found(plan, what, reading=reading)
    assert outcome.number == pytest.approx(number, abs=1e-12)
    assert (outcome.n, outcome.events) == (n, 5 if reading is EVERY else 4)
    assert (outcome.first, outcome.covers) == ("2000-01-04", None)


def test_legs_and_the_spread(plan):
    assert found(plan, leg="benchmark").number == pytest.approx((0.05 + 0.05 + 0.0) / 3, abs=1e-12)
    expected = ((0.1 - 0.05) + (110 / 121 - 1 - 0.05) + 0.0) / 3
    assert found(plan, leg="spread").number == pytest.approx(expected, abs=1e-12)


def test_without_a_benchmark_nothing_is_ahead_of_it(plan):
    alone = plan.vary({"measure.benchmark": ""})
    assert found(alone).n == 3
    for keys in ({"what": "ahead"}, {"leg": "spread"}, {"leg": "benchmark"}):
        with pytest.raises(NotMeasured, match="no benchmark"):
            found(alone, **keys)


def test_of_several_assets_one_must_be_named(plan):
    several = plan.vary({"measure.asset": ["A", "B"], "measure.benchmark": ""})
    with pytest.raises(NotMeasured, match=r"the outcome of which asset: A and B\? Set measure.asset of the figure"):
        found(several)
    told = judged(several, outcome("n", about=3, set={"measure.asset": "B"}))
    assert told["verdict"] == "holds"


def test_the_base_rate_is_every_session_of_the_period(plan):
    # session 0 could be judged, so an episode can be seen to begin from session 1 on; 9 has no outcome yet
    returns = np.array(ASSET[2:10]) / np.array(ASSET[1:9]) - 1
    rate = found(plan, "base_rate")
    assert (rate.number, rate.n) == (pytest.approx(returns.mean(), abs=1e-12), 8)


@pytest.mark.parametrize(
    ("keys", "n", "events"),
    [
        ({"until": dt.date(2000, 1, 7)}, 2, 2),
        ({"since": dt.date(2000, 1, 6)}, 2, 3),
        ({"since": dt.date(2000, 1, 7), "until": dt.date(2000, 1, 7)}, 1, 1),
        ({"horizon": 2}, 3, 4),
        ({"horizon": 3}, 2, 4),  # after session 7, three sessions were not over
        ({"horizon": None}, 4, 4),  # without a horizon, every event counts
    ],
)
def test_events_of_a_period(plan, keys, n, events):
    outcome = found(plan, "n", **keys)
    assert (outcome.number, outcome.events) == (n, events)


def test_to_the_end_of_the_data(plan):
    early = dt.date(2000, 1, 6)
    assert found(plan, "n", on=early).number == 1
    assert found(plan, "n", on=early, reading=LATER).number == 1
    assert found(plan, "n", on=early, reading=ALL).number == 4
    assert found(plan, "n", on=early, reading=ALL, until=dt.date(2000, 1, 7)).number == 2


def test_a_cooldown_holds_for_both_ways_of_counting(plan):
    apart = plan.vary({"episodes.cooldown": 3})  # 1; not 4, three sessions later; 7; not 9
    assert found(apart, "n").events == 2
    assert found(apart, "n", reading=EVERY).events == 2


def test_the_end_of_an_episode_is_known_a_session_later(plan):
    at_end = plan.vary({"episodes.day0": "end"})
    # 2, 4, 7; the episode of session 9 has no end yet on that day
    assert found(at_end, "n", horizon=None).number == 3
    assert found(at_end, "n", horizon=None, reading=LATER).number == 4


def test_entry_a_session_later(plan):
    later = plan.vary({"measure.entry": "next_close"})
    # from sessions 2, 5 and 8 on; the last was over on session 9
    assert found(later).number == pytest.approx((0.0 + 0.0 + 0.05) / 3, abs=1e-12)


def test_by_the_calendar(plan):
    # a week after Tuesday 4, Friday 7 and Wednesday 12 January: sessions 6, 9 and 12, which was not over
    week = found(plan, horizon="1w")
    assert (week.number, week.n) == (pytest.approx((0.1 + (105 / 121 - 1)) / 2, abs=1e-12), 2)
    assert found(plan, horizon="1w", reading=Reading("s", horizons="sessions")).number == found(plan, horizon=5).number
    assert found(plan, horizon=5, reading=Reading("c", horizons="calendar")).number == week.number
    assert found(plan, horizon=3, reading=Reading("c", horizons="calendar")).number == found(plan, horizon=3).number


def test_what_reaches_back_before_the_data_says_from_where_it_is_judged(plan):
    assert found(plan, since=dt.date(1950, 1, 1)).covers == "2000-01-04"
    assert found(plan, since=dt.date(1950, 1, 1), reading=EVERY).covers == "2000-01-03"
    assert found(plan, since=dt.date(2000, 1, 4)).covers is None


def test_an_episode_that_was_not_seen_to_begin_is_no_event(history_of, plan_of):
    marks = [np.nan, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    plan = plan_of(history_of({"A": ASSET, "B": OTHER, "M": marks}, kinds={"M": "rate"}))
    assert found(plan, "n").number == 1
    assert found(plan, "n", reading=EVERY).number == 3


def test_an_outcome_without_a_level_is_left_out(history_of, plan_of):
    holes = [100, 100, np.nan, 110, 121, 110, 110, 100, 100, 105, 210, 210, 210]
    plan = plan_of(history_of({"A": holes, "B": OTHER, "M": MARKS}, kinds={"M": "rate"}))
    assert (found(plan, "n").number, found(plan, "n").events) == (2, 4)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"on": dt.date(2024, 7, 16)}, "the data end on 2000-01-19, before 2024-07-16."),
        ({"until": dt.date(2000, 1, 3)}, "none of 0 events until 2000-01-03 has an outcome that was known."),
        ({"horizon": "5y"}, "none of 4 events until 2000-01-14 has an outcome that was known."),
    ],
)
def test_what_is_not_known_is_not_measured(plan, keys, why):
    with pytest.raises(NotMeasured) as reason:
        found(plan, **keys)
    assert str(reason.value) == why


# Records


def record(plan, *, reading=None, **keys):
    figure = FigureTable.model_validate({"name": "n", "find": "record", **keys})
    return measure(figure, plan.vary({"detector.series": "A"}), ON, {}, Passed(), reading or Reading("own"))


def test_a_record_is_the_highest_value_until_then(plan):
    highest = record(plan, said=["2000-01-07", "2000-01-05"])
    assert (highest.number, highest.on, highest.since, highest.covers) == (121.0, "2000-01-07", None, None)
    assert highest.days == ("2000-01-07", "2000-01-05", "2000-01-06")  # of 110, the earlier is the record
    assert highest.values == (121.0, 110.0, 110.0)
    assert record(plan, at_least=1.0, reading=ALL).on == "2000-01-17"
    assert record(plan, at_most=1.0, lowest=True).on == "2000-01-03"


def test_a_record_of_a_period_names_the_last_day_that_was_as_far(plan):
    since = record(plan, since=dt.date(2000, 1, 10), said=["2000-01-10"])
    assert (since.number, since.on, since.since) == (110.0, "2000-01-10", "2000-01-07")
    assert record(plan, since=dt.date(2000, 1, 11), said=["2000"]).since == "2000-01-10"  # of the same value
    assert record(plan, since=dt.date(1950, 1, 1), said=["2000-01-07"]).covers == "2000-01-03"


# A whole claim


def claim(*figures, **keys):
    return ClaimTable.model_validate({"said": "s", "on": ON, "basis": "own", **keys, "figures": list(figures)})


def outcome(what="positive", **keys):
    return {"name": what, "find": "outcome", "what": what, "horizon": 1, **keys}


CHOICES = [
    {"kind": "counting", "name": "every session", "counting": "every"},
    {"kind": "span", "name": "later", "span": "later"},
]


def judged(plan, *figures, **keys):
    return claim_json(judge(claim(*figures, **keys), plan, JudgeContext()))


def test_the_choice_on_which_it_holds_is_named_and_all_that_were_tried(plan):
    told = judged(plan, outcome("n", about=4), outcome(about=0.5, tolerance=0.01), choices=CHOICES)
    assert (told["verdict"], told["basis"], told["choice"]) == ("holds on another choice", "later", "span")
    assert [one["choice"] for one in told["tried"]] == [None, "counting", "span"]
    assert [r["holds"] for r in told["figures"][0]["results"]] == [False, True, True]
    assert [r["holds"] for r in told["figures"][1]["results"]] == [False, False, True]


def test_a_count_that_reaches_back_before_the_data_decides_nothing(plan):
    since = {"since": dt.date(1950, 1, 1)}
    share = outcome(about=1 / 3, tolerance=0.01, **since)
    told = judged(plan, outcome("n", about=30, **since), share)
    assert told["verdict"] == "holds"
    (result,) = told["figures"][0]["results"]
    assert (result["found"], result["holds"], result["beyond"]) == (3, None, True)
    assert result["why"] == "Events can be seen from 2000-01-04 on; the claim counts from 1950-01-01 on."
    alone = judged(plan, outcome("n", about=30, **since))
    assert (alone["verdict"], alone["why"]) == ("cannot be checked", result["why"])
    # more than were said are too many, wherever the history begins; and three of three are enough
    assert judged(plan, outcome("n", about=2, **since))["verdict"] == "does not hold"
    assert judged(plan, outcome("n", about=3, **since))["verdict"] == "holds"


def test_a_record_holds_if_its_days_are_those_that_were_said(plan):
    series = {"set": {"detector.series": "A"}}
    figure = {"name": "r", "find": "record", **series}
    assert judged(plan, {**figure, "said": ["2000-01-07", "2000-01-05"]})["verdict"] == "holds"
    assert judged(plan, {**figure, "said": ["2000-01-05"]})["verdict"] == "does not hold"
    assert judged(plan, {**figure, "said": ["2000"], "about": 121.0, "tolerance": 0.1})["verdict"] == "holds"
    assert judged(plan, {**figure, "said": ["2000"], "about": 120.0, "tolerance": 0.1})["verdict"] == "does not hold"


def test_nothing_simulated_bears_an_outcome_out(plan_of, history_of):
    plan = plan_of(history_of({"A": ASSET, "B": OTHER, "M": MARKS}, kinds={"M": "rate"}), synthetic=True)
    told = judged(plan, outcome(about=1 / 3, tolerance=0.01))
    assert (told["verdict"], told["why"]) == ("cannot be checked", "The values are simulated.")
    assert told["figures"][0]["results"][0]["found"] is None
