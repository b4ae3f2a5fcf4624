from __future__ import annotations

import numpy as np
import pytest

from backtest.format import share_of_cases
from backtest.inference.result import Effect, HorizonResult, Inference, NullTest, Standardised, VarianceRatio
from backtest.inference.verdict import Looks, most_remarkable, verdict
from backtest.model import Horizon

NO_SIZES = Effect(None, None, None, None)


def inferred(p, adjusted, effect=NO_SIZES):
    test = NullTest("", None, p, adjusted, None, np.zeros(0))
    return Inference(test, effect, Standardised(None, None), VarianceRatio(None, None))


def test_the_size_of_the_effect_is_in_the_finding():
    effect = Effect(-0.0012, 0.0305, 0.0222, 0.98)
    null = HorizonResult(Horizon(21), 12, 0.0123, inferred(0.3, 0.4, effect))
    assert verdict([Looks("small minus mega", [null], ())], 12, "spread") == (
        "Consistent with chance: after the 12 events, no horizon stands out from the base rate. The most remarkable: "
        "over 21 sessions, small minus mega returned 1.23 points more than the base rate (n = 12, 95% interval of the "
        "effect −0.12 to +3.05); chance alone gives as much in 40% of cases, the only horizon looked at. 80% of such "
        "studies would find an effect of 2.22 points."
    )
    found = HorizonResult(Horizon(21), 12, 0.0323, inferred(0.01, 0.02, Effect(0.0012, 0.065, 0.0222, 0.98)))
    assert verdict([Looks("small minus mega", [found], ())], 12, "spread") == (
        "Unlikely to be chance: over 21 sessions, small minus mega returned 3.23 points more than the base rate (n = "
        "12, 95% interval of the effect +0.12 to +6.50). Chance alone gives as much in 2.0% of cases, the only horizon "
        "looked at. 80% of such studies would find an effect of 2.22 points."
    )


def test_an_interval_without_zero_is_of_one_look_where_chance_explains_all_of_them():
    one = HorizonResult(Horizon(10), 36, 0.0077, inferred(0.019, 0.107, Effect(0.0012, 0.0148, 0.0098, 0.98)))
    said = verdict([Looks("small minus mega", [one], ())], 36, "spread")
    assert said.startswith("Consistent with chance")
    assert "(n = 36, 95% interval of the effect +0.12 to +1.48, no other look counted)" in said


def test_a_look_that_does_not_hold_says_why():
    found = HorizonResult(Horizon(21), 12, 0.0323, inferred(0.01, 0.02))
    said = verdict([Looks("A", [found], (), {Horizon(21): "the halves of its sample disagree"})], 12, "spread")
    assert said.startswith("Stands out by p alone: over 21 sessions, A returned 3.23 points more")
    assert said.endswith("the only horizon looked at. But the halves of its sample disagree.")
    other = verdict([Looks("A", [found], (), {Horizon(5): "another horizon"})], 12, "spread")
    assert "But" not in other
    weaker = HorizonResult(Horizon(21), 12, 0.01, inferred(0.02, 0.03))
    for doubts, also in (({}, True), ({Horizon(21): "its own years explain it"}, False)):
        several = verdict([Looks("A", [found], ()), Looks("B", [weaker], (), doubts)], 12, "spread")
        assert ("1 more look stands out: B over 21 sessions." in several) is also


def test_of_one_asset_the_other_horizons_that_hold_are_named():
    found = [
        HorizonResult(Horizon(5), 12, 0.0323, inferred(0.01, 0.02)),
        HorizonResult(Horizon(21), 12, 0.03, inferred(0.02, 0.03)),
        HorizonResult(Horizon(252, "1y"), 12, 0.03, inferred(0.03, 0.04)),
        HorizonResult(Horizon(63), 12, 0.01, inferred(0.2, 0.3)),
    ]
    doubts = {Horizon(5): "the halves of its sample disagree", Horizon(21): "its own years explain it"}
    said = verdict([Looks("A", found, (), doubts)], 12, "spread")
    assert said.startswith("Unlikely to be chance: over 1 year, ")
    assert said.endswith("2 more horizons stand out by p alone and do not hold: 5 sessions, 21 sessions.")
    assert "But" not in said
    assert most_remarkable([Looks("A", found, (), doubts)]) == (0, found[2])
    doubts.pop(Horizon(21))
    said = verdict([Looks("A", found, (), doubts)], 12, "spread")
    assert said.startswith("Unlikely to be chance: over 21 sessions, ")
    assert said.endswith(
        "1 more horizon stands out: 1 year. 1 more horizon stands out by p alone: 5 sessions; but the halves of its "
        "sample disagree."
    )


def results_of(findings):
    return [HorizonResult(Horizon(h), n, excess, inferred(p, adjusted)) for h, n, excess, p, adjusted in findings]


def say(*findings, n_events=30, unfinished=("pending",)):
    results = results_of(findings)
    return verdict([Looks("small minus mega", results, unfinished)], n_events, "spread")


def test_nothing_stands_out():
    assert say((5, 30, 0.01, 0.4, 0.7), (21, 29, -0.0234, 0.2, 0.347)) == (
        "Consistent with chance: after the 30 events, no horizon stands out from the base rate. "
        "The most remarkable: over 21 sessions, small minus mega returned 2.34 points less than the base rate "
        "(n = 29); chance alone gives as much in 35% of cases, both horizons considered."
    )


def test_something_stands_out():
    assert say((1, 30, 0.0123, 0.002, 0.0123), (21, 29, 0.02, 0.2, 0.3)) == (
        "Unlikely to be chance: over 1 session, small minus mega returned 1.23 points more than the base rate "
        "(n = 30). Chance alone gives as much in 1.2% of cases, both horizons considered."
    )


def test_the_level_is_five_percent_of_the_adjusted_p():
    assert say((5, 30, 0.01, 0.001, 0.0501)).startswith("Consistent with chance")
    assert say((5, 30, 0.01, 0.001, 0.05)).startswith("Unlikely to be chance")


def test_few_events_are_said_to_be_few_where_nothing_was_found():
    few = " With 9 events, only a very large effect could have been found."
    assert say((5, 9, 0.01, 0.3, 0.3), n_events=9).endswith(f"the only horizon looked at.{few}")
    assert "very large effect" not in say((5, 10, 0.01, 0.3, 0.3), n_events=10)
    assert "very large effect" not in say((5, 9, 0.01, 0.01, 0.01), n_events=9)


def test_what_counts_are_the_events_that_were_measured():
    text = say((5, 2, 0.01, 0.3, 0.4), (21, 1, 0.01, 0.4, 0.4), n_events=14)
    assert "after the 2 of 14 events with a complete window, no horizon" in text
    assert text.endswith("With 2 events, only a very large effect could have been found.")
    assert "after the 14 events, no horizon" in say((5, 14, 0.01, 0.3, 0.4), (21, 1, 0.01, 0.4, 0.4), n_events=14)


def test_one_event_is_one_event():
    text = say((5, 1, 0.01, 0.3, 0.3), n_events=1)
    assert "after the only event, no horizon" in text
    assert text.endswith("With one event, only a very large effect could have been found.")


def test_three_horizons_are_all_of_them():
    assert say((1, 9, 0.01, 0.3, 0.3), (2, 9, 0.0, 0.3, 0.3), (3, 9, 0.0, 0.3, 0.3)).count("all 3 horizons") == 1


def test_horizons_without_an_answer_are_no_looks():
    text = say((5, 30, 0.01, 0.3, 0.4), (252, 0, None, None, None))
    assert "over 5 sessions" in text
    assert text.endswith("the only horizon looked at.")


@pytest.mark.parametrize(
    ("n", "unfinished", "text"),
    [
        (1, ["pending"], "Nothing can be said yet: the only event has no complete window at any horizon."),
        (
            3,
            ["not covered", "pending"],
            "Nothing can be said yet: none of the 3 events has a complete window at any horizon.",
        ),
        (
            3,
            ["missing", "not covered"],
            "Nothing can be said: none of the 3 events has a complete window at any horizon, as a leg begins later.",
        ),
        (
            1,
            ["missing"],
            (
                "Nothing can be said: the only event has no complete window at any horizon, as a leg has no level at "
                "entry or at the end."
            ),
        ),
    ],
)
def test_no_complete_window_is_no_verdict(n, unfinished, text):
    assert say((252, 0, None, None, None), n_events=n, unfinished=unfinished) == text


@pytest.mark.parametrize(("n", "words"), [(1, "there is 1 event, but"), (3, "there are 3 events, but")])
def test_what_does_not_vary_has_no_verdict(n, words):
    text = say((5, n, 0.0, None, None), n_events=n)
    assert text == f"Nothing can be said: {words} the spread does not vary, so that there is no test."


def test_the_most_remarkable_is_the_one_with_the_least_p():
    assert "over 5 sessions" in say((1, 30, 0.5, 0.3, 0.8), (5, 30, 0.01, 0.1, 0.8))
    assert "over 1 session," in say((1, 30, 0.5, 0.3, 0.7), (5, 30, 0.01, 0.1, 0.8))


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0, "less than 0.1%"),
        (0.00099, "less than 0.1%"),
        (0.001, "0.1%"),
        (0.0123, "1.2%"),
        (0.0996, "10.0%"),
        (0.1, "10%"),
        (0.347, "35%"),
        (1.0, "100%"),
    ],
)
def test_a_probability_is_a_share_of_cases(p, words):
    assert share_of_cases(p) == words


def say_of(n_events=30, **assets):
    looks = []
    for name, findings in assets.items():
        results = results_of(findings)
        looks.append(Looks(name, results, {"not covered"}))
    return verdict(looks, n_events, "return")


def test_of_several_assets_the_verdict_names_the_one_it_speaks_of():
    assert say_of(
        A=[(5, 30, 0.01, 0.4, 0.7), (21, 30, 0.01, 0.5, 0.8)], B=[(5, 20, -0.02, 0.1, 0.31), (21, 20, 0, 1, 1)]
    ) == (
        "Consistent with chance: after the 30 events, no asset stands out from its base rate. The most remarkable: "
        "over 5 sessions, B returned 2.00 points less than its base rate (n = 20); chance alone gives as much in 31% "
        "of cases, all 4 looks considered (2 assets at 2 horizons)."
    )


def test_all_looks_that_stand_out_are_named():
    assert say_of(A=[(1, 30, 0.01, 0.001, 0.02), (5, 30, 0.01, 0.002, 0.03)], B=[(1, 20, 0.02, 0.0005, 0.01)]) == (
        "Unlikely to be chance: over 1 session, B returned 2.00 points more than its base rate (n = 20). Chance alone "
        "gives as much in 1.0% of cases, all 3 looks considered (2 assets at up to 2 horizons). 2 more looks stand "
        "out: A over 1 session, A over 5 sessions."
    )
    assert say_of(A=[(1, 30, 0.01, 0.001, 0.02)], B=[(1, 20, 0.02, 0.0005, 0.01)]).endswith(
        "all 2 looks considered (2 assets at 1 horizon). 1 more look stands out: A over 1 session."
    )


def test_an_asset_without_a_window_was_no_look():
    said = say_of(A=[(5, 30, 0.01, 0.4, 0.7)], B=[(5, 0, None, None, None)])
    assert said.endswith("chance alone gives as much in 70% of cases, the only look there is.")
    assert say_of(A=[(5, 0, None, None, None)], B=[(5, 0, None, None, None)]) == (
        "Nothing can be said: none of the 30 events has a complete window at any horizon, as a leg begins later."
    )
