"""How many events there really are, in words, against numbers made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.model import ALONE, SPREAD, horizons_of
from backtest.study.robustness.counting_rules import Rule, RuleCounts
from backtest.study.robustness.counting_words import counting_sentence

RULES = {"own": Rule("own", "trigger", 0), "apart": Rule("apart", "trigger", None), "every": Rule("every", "every", 0)}


def said(cells, horizon=252, of=ALONE, base=0.09, rules=RULES, more=0):
    """Cells by rule: n, mean and hit rate; `more` events under each rule have no complete window."""
    n, mean, hits = (np.array([cells[key][at] for key in cells], dtype=float)[:, None] for at in range(3))
    n = n.astype(int)
    chosen = tuple(rules[key] for key in cells)
    blank = np.full(n.shape, np.nan)
    return counting_sentence(
        RuleCounts(chosen, horizons_of([horizon]), n + more, n, of, mean, hits, np.full(n.shape, base), blank), 0
    )


def test_days_that_are_fewer_events_and_fewer_still_apart():
    assert said({"own": (22, 0.2766, 0.91), "apart": (9, 0.1637, 0.78), "every": (24, 0.269, 0.92)}) == (
        "The 24 sessions on which the condition is met are 22 events, and only 9 lie more than 252 sessions (about a "
        "year) apart: over 252 sessions, a mean of +26.90% becomes +16.37%, and hits of 92% become 78%."
    )


def test_by_the_calendar_no_number_of_sessions_is_said():
    said_of_a_year = said({"own": (24, 0.269, 0.92), "apart": (9, 0.1637, 0.78)}, horizon="1y")
    assert said_of_a_year == (
        "Of the 24 events, only 9 lie more than 1 year apart: over 1 year, a mean of +26.90% becomes +16.37%, and hits "
        "of 92% become 78%."
    )


def test_a_share_that_stays_is_not_said_to_become_itself():
    text = said({"own": (24, 0.269, 0.668), "apart": (9, 0.1637, 0.672)}, horizon="1y")
    assert text.endswith("a mean of +26.90% becomes +16.37%, and hits stay at 67%.")


def test_events_of_single_sessions():
    cells = {"own": (24, 0.269, 0.92), "apart": (1, 0.1637, 1.0), "every": (24, 0.269, 0.92)}
    assert said(cells, horizon=7, of=SPREAD) == (
        "Of the 24 events, only 1 lies more than 7 sessions apart: over 7 sessions, a mean of +26.90 pp becomes "
        "+16.37 pp, and hits of 92% become 100%."
    )


def test_what_does_not_change_does_not_become_itself():
    cells = {"own": (24, 0.269, 0.552), "apart": (9, 0.2691, 0.548), "every": (24, 0.269, 0.552)}
    assert said(cells).endswith("over 252 sessions, a mean of +26.90% becomes +26.91%, and hits of 55% stay.")
    assert said(cells | {"apart": (9, 0.269, 0.1)}).endswith("a mean of +26.90% stays, and hits of 55% become 10%.")


def test_runs_that_lie_apart_anyway():
    cells = {"own": (9, 0.1637, 0.78), "apart": (9, 0.1637, 0.78), "every": (24, 0.269, 0.92)}
    assert said(cells).startswith(
        "The 24 sessions on which the condition is met are 9 events: over 252 sessions, a mean"
    )
    assert said(cells, more=1).startswith("The 24 sessions with a complete window on which the condition is met are 9")
    assert said({"own": cells["own"], "every": cells["every"]}) == said(cells)  # its own cooldown is the horizon


@pytest.mark.parametrize(
    ("own", "apart", "told"),
    [
        ((9, 0.20, 0.8), (6, 0.20, 0.8), True),  # a third fewer
        ((10, 0.20, 0.8), (7, 0.20, 0.8), False),
        ((10, 0.20, 0.8), (9, 0.13, 0.8), True),  # a mean a third lower
        ((10, 0.20, 0.8), (9, 0.14, 0.8), False),
        ((10, 0.20, 0.8), (9, 0.27, 0.8), True),  # or higher
        ((10, 0.01, 0.8), (9, 0.03, 0.8), False),  # little beside an excess of -8 points
        ((10, 0.01, 0.8), (9, 0.04, 0.8), True),
        ((9, 0.20, 0.8), (9, 0.20, 0.8), False),
        ((6, 0.20, 0.8), (9, 0.10, 0.8), False),  # a cooldown longer than the horizon leaves out more
        ((0, np.nan, np.nan), (0, np.nan, np.nan), False),
    ],
)
def test_it_is_said_where_number_or_mean_changes_materially(own, apart, told):
    assert bool(said({"own": own, "apart": apart})) is told


@pytest.mark.parametrize(("every", "told"), [(7, False), (8, True)])
def test_without_overlap_only_the_number_counts(every, told):
    # 5 of 7 are more than two thirds, and a mean of so few moves by itself.
    assert bool(said({"own": (5, 0.2, 0.8), "apart": (5, 0.2, 0.8), "every": (every, -0.1, 0.4)})) is told


@pytest.mark.parametrize("day0", ["start", "end"])
def test_of_another_day_0_nothing_is_said(day0):
    rules = RULES | {"own": Rule("own", day0, 0)}
    assert said({"own": (22, 0.28, 0.9), "apart": (9, 0.16, 0.8)}, rules=rules) == ""
