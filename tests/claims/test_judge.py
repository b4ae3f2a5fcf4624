"""How a claim is judged, on histories and answers small enough to check by eye."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.claims.evidence import measure
from backtest.claims.export import claim_json
from backtest.claims.found import NotMeasured, Spell
from backtest.claims.judge import JudgeContext, judge, matches, within_bounds
from backtest.claims.judged import Conclusion, FigureResult, JudgedFigure, conclude
from backtest.errors import StrategyInvalid
from backtest.lookahead.guard import Passed
from backtest.spec.claim import ClaimTable
from backtest.spec.figure import FigureTable

ON = dt.date(2000, 1, 14)
"""The tenth of the weekdays from 2000-01-03 on."""


def figure(**keys):
    return FigureTable.model_validate({"name": "n", **keys})


def value(**keys):
    return figure(find="value", **keys)


# What counts as near enough


@pytest.mark.parametrize(
    ("bounds", "inside", "outside"),
    [
        ({"about": 0.048, "tolerance": 0.001}, [0.047, 0.0488, 0.049], [0.04699, 0.0491]),
        ({"at_least": 5.0, "at_most": 6.0}, [5.0, 5.56, 6.0], [4.999, 6.001]),
        ({"above": 2.0}, [2.001], [2.0, 1.9]),
        ({"below": 0.0}, [-0.001], [0.0, 0.001]),
    ],
)
def test_bounds(bounds, inside, outside):
    assert all(within_bounds(value(**bounds), number) for number in inside)
    assert not any(within_bounds(value(**bounds), number) for number in outside)


@given(st.floats(-10, 10), st.floats(0.001, 1), st.floats(-12, 12))
def test_about_is_a_range_on_both_sides(about, tolerance, number):
    near = within_bounds(value(about=about, tolerance=tolerance), number)
    if abs(abs(number - about) - tolerance) > 1e-9:
        assert near == (about - tolerance <= number <= about + tolerance)


FOUND = [Spell("2000-01-20", "2000-01-21"), Spell("2009-09-10", "2009-09-10")]


@pytest.mark.parametrize(
    ("said", "periods", "same"),
    [
        (["2000-01", "2009-09"], False, True),
        (["2009", "2000-01-20"], False, True),  # in whatever order they were said
        (["2000-01-21", "2009-09"], False, False),  # the end is no trigger
        (["2000-01-21", "2009-09"], True, True),  # but a day of the period
        (["2000-01"], False, False),  # one more than said
        (["2000-01", "2009-09", "2020"], False, False),  # one fewer
        (["2000-02", "2009-09"], True, False),
        (["2009", "2009-09"], False, False),  # one for one
    ],
)
def test_dates_match_one_for_one(said, periods, same):
    assert matches(said, FOUND, periods) is same


def test_a_long_period_holds_the_years_within_it():
    found = [Spell("2000-11-30", "2002-07-10")]
    assert [matches([text], found, True) for text in ("2000", "2001", "2002-07", "2002-08", "1999")] == [
        *(True, True, True),
        *(False, False),
    ]


# From figures to a verdict


def judged(*holds, **keys):
    """One figure, and whether it holds on each basis; None where it could not be measured."""
    results = (FigureResult(f"b{at}", None, one, "W." if one is None else None) for at, one in enumerate(holds))
    return JudgedFigure(figure(find="value", **keys), tuple(results))


@pytest.mark.parametrize(
    ("rows", "verdict", "basis", "why"),
    [
        ([[True]], "holds", "b0", None),
        ([[True, False]], "holds", "b0", None),
        ([[False, True]], "holds on another basis", "b1", None),
        ([[None, True]], "holds on another basis", "b1", None),
        ([[False, True], [True, False]], "does not hold", None, None),  # all of it must hold on one basis
        ([[False, None]], "does not hold", None, None),
        ([[None], [False]], "does not hold", None, None),
        ([[None, False]], "cannot be checked", None, "W."),
        ([[True], [None]], "cannot be checked", None, "W."),
    ],
)
def test_the_verdict_follows_from_the_figures(rows, verdict, basis, why):
    told = judged(*[None] * len(rows[0]))
    deciding = [judged(*row, about=1.0, tolerance=0.1) for row in rows]
    assert conclude([*deciding, told]) == Conclusion(verdict, basis, why)


# What is measured


@pytest.fixture
def plan(history_of, plan_of):
    marks = [0, 1, 1, 0, 2, 2, 0, 0, 0, 3, 3, 0, 1]
    columns = {"A": np.arange(100.0, 113.0), "B": np.arange(200.0, 213.0), "M": marks}
    return plan_of(history_of(columns, kinds={"M": "rate"}))


def test_a_value_is_the_indicator_of_that_session(plan):
    found = measure(value(), plan, ON, {}, Passed())
    assert (found.number, found.unit) == (3.0, "1")
    assert measure(value(on=dt.date(2000, 1, 7)), plan, ON, {}, Passed()).number == 2.0
    assert measure(value(over="detector"), plan, ON, {}, Passed()).number == 1.0


def test_spells_are_those_seen_by_then_and_those_before(plan):
    found = measure(figure(find="triggers", since=dt.date(2000, 1, 10)), plan, ON, {}, Passed())
    assert [(s.trigger, s.end) for s in found.inside] == [("2000-01-14", "2000-01-14")]  # the next day is not seen yet
    assert [(s.trigger, s.end) for s in found.before] == [("2000-01-04", "2000-01-05"), ("2000-01-07", "2000-01-10")]


def test_periods_begin_before_and_near_ones_are_one(plan):
    since = dt.date(2000, 1, 10)
    apart = measure(figure(find="periods", since=since), plan, ON, {}, Passed())
    assert [(s.trigger, s.end) for s in apart.inside] == [("2000-01-07", "2000-01-10"), ("2000-01-14", "2000-01-14")]
    joined = measure(figure(find="periods", since=since, joined=2), plan, ON, {}, Passed())
    assert [(s.trigger, s.end) for s in joined.inside] == [("2000-01-04", "2000-01-10"), ("2000-01-14", "2000-01-14")]


@pytest.mark.parametrize(
    ("keys", "on", "why"),
    [
        ({"find": "value"}, "2000-01-15", "2000-01-15 is not a session of the dataset."),
        ({"find": "value"}, "2024-07-16", "2024-07-16 is outside the data, which run from 2000-01-03 to 2000-01-19."),
        ({"find": "triggers"}, "2024-07-16", "the data end on 2000-01-19, before 2024-07-16."),
        (
            {"find": "triggers", "since": dt.date(1999, 1, 1)},
            "2000-01-14",
            "the data begin on 2000-01-03, after 1999-01-01.",
        ),
    ],
)
def test_what_the_data_do_not_reach_is_not_measured(plan, keys, on, why):
    with pytest.raises(NotMeasured) as reason:
        measure(figure(**keys), plan, dt.date.fromisoformat(on), {}, Passed())
    assert str(reason.value) == why


def test_a_session_that_cannot_be_judged_leaves_dates_open(history_of, plan_of):
    columns = {"A": np.arange(100.0, 104.0), "B": np.arange(200.0, 204.0), "M": [1.0, np.nan, 0.0, 1.0]}
    plan = plan_of(history_of(columns, kinds={"M": "rate"}))
    dates = figure(find="triggers", since=dt.date(2000, 1, 3), said=["2000-01-03"], until=dt.date(2000, 1, 5))
    with pytest.raises(NotMeasured, match="1 session between 2000-01-04 and 2000-01-04 cannot be judged"):
        measure(dates, plan, ON, {}, Passed())
    with pytest.raises(NotMeasured, match="mark is not known on 2000-01-04: an input is missing"):
        measure(value(), plan, dt.date(2000, 1, 4), {}, Passed())


def test_nothing_is_divided_by_zero(plan):
    with pytest.raises(NotMeasured, match="detector is zero on 2000-01-03"):
        measure(value(over="detector"), plan, dt.date(2000, 1, 3), {}, Passed())


def test_a_condition_that_is_not_there_is_a_mistake_in_the_file(plan):
    with pytest.raises(StrategyInvalid, match=r"claim: there is no condition 'dectector' to measure\. Did you mean"):
        measure(value(of="dectector"), plan, ON, {}, Passed())


# A whole claim


def claim(*figures, **keys):
    return ClaimTable.model_validate({"said": "s", "on": ON, "basis": "own", **keys, "figures": list(figures)})


def test_every_basis_is_tried_and_told(plan, workspace):
    content = claim(
        {"name": "mark", "find": "value", "about": 109.0, "tolerance": 0.5},
        bases=[{"name": "A", "set": {"detector.series": "A"}}, {"name": "none", "set": {"detector.series": "ZZZ"}}],
    )
    judged = claim_json(judge(content, plan, JudgeContext()))
    assert (judged["verdict"], judged["basis"]) == ("holds on another basis", "A")
    (mark,) = judged["figures"]
    assert [(r["basis"], r["found"], r["holds"]) for r in mark["results"]] == [
        ("own", 3.0, False),
        ("A", 109.0, True),
        ("none", None, None),
    ]
    assert mark["results"][2]["why"] == "series 'ZZZ': the dataset has no such role or series."
    json.dumps(judged, allow_nan=False)


def test_a_figure_may_set_keys_of_its_own(plan, workspace):
    content = claim(
        {"name": "at three", "find": "triggers", "since": dt.date(2000, 1, 3), "said": ["2000-01-14"]}
        | {"set": {"detector.least": 3.0}}
    )
    assert claim_json(judge(content, plan, JudgeContext()))["verdict"] == "holds"


def test_nothing_simulated_bears_a_claim_out(plan_of, history_of, workspace):
    columns = {"A": [1.0, 2, 3], "B": [1.0, 2, 3], "M": [0.0, 1, 1]}
    plan = plan_of(history_of(columns, kinds={"M": "rate"}), synthetic=True)
    content = claim({"name": "mark", "find": "value", "at_least": 0.0, "on": dt.date(2000, 1, 5)})
    judged = claim_json(judge(content, plan, JudgeContext()))
    assert (judged["verdict"], judged["why"]) == ("cannot be checked", "The values are simulated.")
    assert judged["figures"][0]["results"][0]["found"] is None
    assert (
        claim_json(judge(ClaimTable(said="s", on=ON, open=True), plan, JudgeContext()))["verdict"]
        == "cannot be checked"
    )


def test_an_open_question_is_answered_by_the_study(plan, workspace):
    judged = claim_json(judge(ClaimTable(said="s", on=ON, open=True), plan, JudgeContext()))
    assert judged["verdict"] == "open"
    assert [row["horizon"] for row in judged["horizons"]] == [1, 3]
    assert judged["study"]
    assert {"excess", "p_value", "p_adjusted"} <= judged["horizons"][0].keys()


def test_what_this_version_cannot_check_says_why(plan, workspace):
    judged = claim_json(judge(ClaimTable(said="s", on=ON, unchecked="No meetings."), plan, JudgeContext()))
    assert (judged["verdict"], judged["why"], judged["figures"]) == ("cannot be checked", "No meetings.", [])
