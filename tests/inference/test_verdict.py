from __future__ import annotations

import numpy as np
import pytest

from backtest.format import share_of_cases
from backtest.inference.result import HorizonResult, NullTest
from backtest.inference.verdict import verdict


def say(*findings, n_events=30):
    results = [
        HorizonResult(horizon, n, excess, NullTest("", None, p, adjusted, None, np.zeros(0)))
        for horizon, n, excess, p, adjusted in findings
    ]
    return verdict(results, n_events, "small minus mega", "spread")


def test_nothing_stands_out():
    assert say((5, 30, 0.01, 0.4, 0.7), (21, 29, -0.0234, 0.2, 0.347)) == (
        "Consistent with chance: after the 30 events, no horizon stands out from the base rate. "
        "The most remarkable: over 21 sessions, small minus mega returned 2.34 points less than the base rate "
        "(n = 29); chance alone gives as much in 35% of cases, all 2 horizons considered."
    )


def test_something_stands_out():
    assert say((1, 30, 0.0123, 0.002, 0.0123), (21, 29, 0.02, 0.2, 0.3)) == (
        "Unlikely to be chance: over 1 session, small minus mega returned 1.23 points more than the base rate "
        "(n = 30). Chance alone gives as much in 1.2% of cases, all 2 horizons considered."
    )


def test_the_level_is_five_percent_of_the_adjusted_p():
    assert say((5, 30, 0.01, 0.001, 0.0501)).startswith("Consistent with chance")
    assert say((5, 30, 0.01, 0.001, 0.05)).startswith("Unlikely to be chance")


def test_few_events_are_said_to_be_few():
    few = " With 9 events, only a very large effect could have been found."
    assert say((5, 9, 0.01, 0.3, 0.3), n_events=9).endswith(f"the only horizon looked at.{few}")
    assert say((5, 9, 0.01, 0.01, 0.01), n_events=9).endswith(few)
    assert "very large effect" not in say((5, 10, 0.01, 0.3, 0.3), n_events=10)


def test_one_event_is_one_event():
    text = say((5, 1, 0.01, 0.3, 0.3), n_events=1)
    assert "after the 1 event, no horizon" in text
    assert text.endswith("With 1 event, only a very large effect could have been found.")


def test_horizons_without_an_answer_are_no_looks():
    text = say((5, 30, 0.01, 0.3, 0.4), (252, 0, None, None, None))
    assert "over 5 sessions" in text
    assert text.endswith("the only horizon looked at.")


@pytest.mark.parametrize(("n", "words"), [(1, "none of the 1 event has"), (3, "none of the 3 events has")])
def test_no_complete_window_is_no_verdict(n, words):
    text = say((252, 0, None, None, None), n_events=n)
    assert text.startswith("Nothing can be said yet")
    assert text.endswith("a complete window at any horizon.")


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
