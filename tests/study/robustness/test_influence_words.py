"""What the sentences say, case by case, and that they are true of the numbers."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.model import Horizon
from backtest.study.robustness.influence import Influence, LeftOut
from backtest.study.robustness.influence_words import influence_sentence, parts_sentence
from backtest.study.robustness.parts import Part

NAN = float("nan")


def made(years, values, p=0.5, p_without=None):
    """Events of these years with these deviations in points, over 21 sessions, left out by definition."""
    values = np.array(values, dtype=float) / 100
    years = np.array(years)
    whole = np.array([values.mean() if len(values) else NAN])
    groups = {
        "event": (np.arange(len(years)), [f"{year}-01-0{i + 2}" for i, year in enumerate(years)]),
        "year": (years, sorted({str(year) for year in years})),
        "decade": (years // 10, sorted({f"{year // 10}0s" for year in years})),
    }
    left_out = []
    for unit, (group, labels) in groups.items():
        kept = [values[group != one] for one in sorted(set(group.tolist()))]
        n = np.array([[len(one)] for one in kept], dtype=np.int64).reshape(-1, 1)
        excess = np.array([[one.mean() if len(one) else NAN] for one in kept]).reshape(-1, 1)
        given = p_without if unit == "event" and p_without else [NAN] * len(labels)
        column = np.array(given, dtype=float)[:, None]
        left_out.append(LeftOut(unit, tuple(labels), len(years) - n, n, excess, column, whole))
    n = np.array([len(years)])
    return Influence((Horizon(21),), len(years), n, whole, np.array([p]), tuple(left_out))


def said(*args, **kwargs):
    return influence_sentence(made(*args, **kwargs), 0)


def test_one_event():
    assert said([2020], [3.0]) == "There is only one event."


def test_one_event_of_several_is_measured():
    one = made([2020], [3.0])
    several = Influence((Horizon(252),), 4, one.n, one.excess, one.p_value, one.left_out)
    assert influence_sentence(several, 0) == "Only one event has a complete window over 252 sessions."


def test_nothing_can_be_said_of_none_or_of_zero():
    none = made([2020], [3.0])
    empty = Influence((Horizon(21),), 2, np.array([0]), np.array([NAN]), np.array([NAN]), none.left_out)
    assert influence_sentence(empty, 0) == ""
    assert said([2001, 2002], [1.0, -1.0]) == ""


def test_the_sign_hangs_on_one_event():
    # (9 − 1 − 2) / 3 = 2; without the 9: −1.5
    assert said([2001, 2002, 2020], [-1, -2, 9]) == (
        "Without the event of 2020-01-04 the sign of the excess over 21 sessions changes, from +2.00 to −1.50 points."
    )


def test_the_sign_hangs_on_several_events():
    # (4 + 5 − 8) / 3 = 0.333; without the 4: −1.5; without the 5: −2
    assert said([2001, 2002, 2020], [4, 5, -8]) == (
        "Without the event of 2002-01-03 the sign of the excess over 21 sessions changes, from +0.33 to −2.00 points; "
        "the same holds for 1 other event."
    )


def test_the_excess_is_zero_without_one_event():
    assert said([2001, 2002, 2020], [-1, 1, 3]) == (
        "Without the event of 2020-01-04 the excess over 21 sessions shrinks from +1.00 points to zero."
    )
    assert said([2001, 2002, 2020], [-1, 1, -3]) == (
        "Without the event of 2020-01-04 the excess over 21 sessions shrinks from −1.00 points to zero."
    )


def test_the_sign_hangs_on_one_year():
    # (5 + 5 − 2 − 2) / 4 = 1.5; without one 5: 1/3; without both: −2
    assert said([2020, 2020, 2001, 2011], [5, 5, -2, -2]) == (
        "Without 2020 (2 events) the sign of the excess over 21 sessions changes, from +1.50 to −2.00 points."
    )


def test_the_sign_hangs_on_one_decade():
    assert said([2020, 2021, 2001, 2011], [5, 5, -2, -2]) == (
        "Without the 2020s (2 events) the sign of the excess over 21 sessions changes, from +1.50 to −2.00 points."
    )


def test_the_sign_stays():
    # (1 + 2 + 6) / 3 = 3; without the 6: 1.5
    assert said([2001, 2012, 2020], [1, 2, 6]) == (
        "No single event, year or decade changes the sign; "
        "without the event of 2020-01-04 the excess over 21 sessions shrinks from +3.00 to +1.50 points."
    )
    assert said([2001, 2012, 2020], [-1, -2, -6]).endswith("shrinks from −3.00 to −1.50 points.")


def test_only_what_was_left_out_is_named():
    # all of one decade, so that without it nothing is left; then all of one year
    assert said([2001, 2002], [1, 2]).startswith("No single event or year changes the sign; ")
    assert said([2001, 2001], [1, 2]).startswith("No single event changes the sign; ")


def test_a_year_whose_events_are_all_pending_is_no_obstacle():
    influence = made([2001, 2012, 2020], [1, 2, 6])
    years = influence.left_out[1]
    pending = LeftOut(
        "year",
        (*years.labels, "2021"),
        np.append(years.out, [[0]], axis=0),
        np.append(years.n, [[3]], axis=0),
        np.append(years.excess, [[0.03]], axis=0),
        np.append(years.p_value, [[NAN]], axis=0),
        years.whole,
    )
    left_out = (influence.left_out[0], pending, influence.left_out[2])
    more = Influence((Horizon(21),), 4, influence.n, influence.excess, influence.p_value, left_out)
    assert influence_sentence(more, 0) == influence_sentence(influence, 0)


@pytest.mark.parametrize(
    ("p_without", "lost"), [(NAN, ""), (0.2, ", and its own p rises from 0.010 to 0.200")], ids=["held", "lost"]
)
def test_a_unit_that_holds_all_events_is_passed_over(p_without, lost):
    whole = np.array([0.03])  # three assets on one date: 1, 2 and 6 points
    date = LeftOut(
        "date", ("2020-03-03",), np.array([[3]]), np.array([[0]]), np.array([[NAN]]), np.array([[NAN]]), whole
    )
    without = np.array([[0.04], [0.035], [0.015]])
    p_values = np.array([[NAN], [NAN], [p_without]])
    asset = LeftOut("asset", ("A", "B", "C"), np.array([[1]] * 3), np.array([[2]] * 3), without, p_values, whole)
    both = Influence((Horizon(21),), 3, np.array([3]), whole, np.array([0.01]), (date, asset))
    assert influence_sentence(both, 0) == (
        "No single asset changes the sign; without C (1 event) the excess over 21 sessions shrinks from +3.00 to +1.50 "
        f"points{lost}."
    )
    assert influence_sentence(replace(both, left_out=(date,)), 0) == ""


def test_nothing_moves_it():
    assert said([2001, 2002, 2011], [1, 1.01, 1.005]) == (
        "No single event, year or decade changes the sign; "
        "each event moves the excess over 21 sessions by less than 0.01 points."
    )


def test_the_p_that_is_lost():
    first = "without the event of 2020-01-04 the excess over 21 sessions shrinks from +3.00 to +1.50 points"
    none = "No single event, year or decade changes the sign; "
    values = ([2001, 2012, 2020], [1, 2, 6])
    assert said(*values, p=0.031, p_without=[0.01, 0.02, 0.214]) == (
        f"{none}{first}, and its own p rises from 0.031 to 0.214."
    )
    assert said(*values, p=0.031, p_without=[0.06, 0.02, 0.05]) == (
        f"{none}{first}; without the event of 2001-01-02 its own p rises from 0.031 to 0.060."
    )
    for p, without in ((0.031, [0.01, 0.02, 0.05]), (0.051, [0.01, 0.02, 0.3]), (0.031, [NAN] * 3), (NAN, [NAN] * 3)):
        assert said(*values, p=p, p_without=without) == f"{none}{first}."


def test_the_p_that_hangs_on_one_decade():
    whole = made([2001, 2002, 2012], [4, 5, 3], p=0.029, p_without=[0.03, 0.04, 0.02])
    events, years, decades = whole.left_out
    by = [
        events,
        replace(years, p_value=np.array([[0.03], [0.04], [0.02]])),
        replace(decades, p_value=np.array([[0.8], [0.01]])),
    ]
    assert influence_sentence(replace(whole, left_out=tuple(by)), 0).endswith(
        "; without the 2000s (2 events) its own p rises from 0.029 to 0.800."
    )
    by[1] = replace(years, p_value=np.array([[0.03], [0.04], [0.06]]))  # the smallest that it hangs on
    assert influence_sentence(replace(whole, left_out=tuple(by)), 0).endswith(
        "; without 2012 (1 event) its own p rises from 0.029 to 0.060."
    )


def test_a_small_change_of_sign_shows():
    assert "from +0.002 to −0.001 points" in said([2001, 2002, 2003], [-0.002, 0.0, 0.008])


YEARS = st.lists(st.tuples(st.integers(1990, 2029), st.integers(-5, 9)), min_size=1, max_size=8)


@given(YEARS)
def test_every_sentence_is_true(rows):
    years, values = zip(*sorted(rows), strict=True)
    influence = made(years, values)
    text = influence_sentence(influence, 0)
    whole = sum(values)

    def without(of):
        keys = {of(i) for i in range(len(years))}
        sums = [[v for i, v in enumerate(values) if of(i) != key] for key in keys]
        return [sum(one) / len(one) for one in sums if one]

    by_event, by_year = without(lambda i: i), without(lambda i: years[i])
    by_decade = without(lambda i: years[i] // 10)
    if len(years) == 1:
        assert text == "There is only one event."
        return
    if whole == 0:
        assert text == ""
        return
    changed = [any(one * whole <= 0 for one in means) for means in (by_event, by_year, by_decade)]
    assert text.startswith("Without") == any(changed)
    name = text.split(" the ")[0] + " the "
    if changed[0]:
        assert text.startswith("Without the event of ")
    elif changed[1]:
        assert re.match(r"Without \d{4} \(\d events\)", text), name
    elif changed[2]:
        assert re.match(r"Without the \d{3}0s \(\d events\)", text)
    else:
        means = by_event
        found = re.search(r"from ([+−\d.]+) to ([+−\d.]+) points", text)
        average = whole / len(values)
        furthest = max(abs(one - average) for one in means)
        if found is None:
            assert furthest < 0.01
        else:
            told = [float(number.replace("−", "-")) for number in found.groups()]
            assert abs(told[0] - average) <= 0.005 + 1e-9
            assert abs(abs(told[1] - told[0]) - furthest) <= 0.01
            assert (abs(told[1]) < abs(told[0])) == ("shrinks" in text)
    assert "significant" not in text
    assert not re.search(r"\b(not|never|nor)\b", text)


def part(day, excess, n):
    blank = np.array([NAN])
    first, last = dt.date.fromisoformat(day), dt.date.fromisoformat(day) + dt.timedelta(days=30)
    return Part(first, last, np.array([99]), np.array([n]), blank, np.array([excess]) / 100, blank, blank)


def agreed(verb, told):
    return (
        f"The halves of the sample {verb} in the sign of the excess over 1 session: {told}, in points, "
        "each against its own base rate."
    )


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            [("2000-01-03", 1.2, 1), ("2005-06-01", 4.108, 3)],
            agreed("agree", "+1.20 before 2005-06-01 (1 event), +4.11 from 2005-06-01 on (3 events)"),
        ),
        (
            [("2000-01-03", 1.2, 2), ("2005-06-01", NAN, 0), ("2009-01-05", -0.001, 3)],
            agreed("disagree", "+1.20 before 2005-06-01 (2 events), −0.001 from 2009-01-05 on (3 events)"),
        ),
        (
            [("2000-01-03", 1.2, 2), ("2005-06-01", 0.0, 1)],
            agreed("disagree", "+1.20 before 2005-06-01 (2 events), 0.00 from 2005-06-01 on (1 event)"),
        ),
        (
            [("2000-01-03", NAN, 0), ("2005-06-01", -2, 1), ("2009-01-05", -1, 3)],
            agreed("agree", "−2.00 from 2005-06-01 to 2005-07-01 (1 event), −1.00 from 2009-01-05 on (3 events)"),
        ),
        (
            [("2000-01-03", NAN, 0), ("2005-06-01", 2, 1200)],
            "All 1,200 events with a complete window over 1 session lie from 2005-06-01 on.",
        ),
        (
            [("2000-01-03", 2, 1), ("2005-06-01", NAN, 0)],
            "The only event with a complete window over 1 session lies before 2005-06-01.",
        ),
        (
            [("2000-01-03", NAN, 0), ("2005-06-01", 2, 2)],
            "Both events with a complete window over 1 session lie from 2005-06-01 on.",
        ),
        ([("2000-01-03", NAN, 0), ("2005-06-01", NAN, 0)], ""),
        ([("2000-01-03", 0.0, 5), ("2005-06-01", 0.0, 5)], ""),  # zero has no sign to agree in
        ([("2000-01-03", 2, 1)], ""),
        ([], ""),
    ],
)
def test_parts(parts, text):
    assert parts_sentence([part(*one) for one in parts], 0, Horizon(1), "The halves of the sample") == text
