"""The page of a search beside its grid: the same numbers as the record, own and recommended set marked."""

from __future__ import annotations

import re

import pytest

from backtest import format as words
from backtest.report.pages.tune.page import tune_page

from .html_tree import parse, part
from .payloads import tuning

OUTSIDE = {"n": 9, "excess": 0.0041, "p_value": 0.31, "ci_low": -0.002, "ci_high": 0.011, "reason": None}


def searched(**changes):
    """A record of `tuning` with what a search adds to it."""
    payload = tuning(3, 2)
    for item in payload["sets"]:
        for row in item["horizons"]:
            low, high = row["excess"] - 0.004, row["excess"] + 0.004
            row.update(ci_low=low, ci_high=high, excess_with_neighbours=row["excess"])
    block = {"last": "2010-12-31", "parameters": {"detector.sessions": 4}, "n_inside": 7, "excess_inside": 0.02, "n": 3}
    blocks = [
        {**block, "first": "2001-01-02", "set": None, "excess": None, "excess_inside": None, "n": 0},
        {**block, "first": "2006-01-02", "set": 3, "sign": -1, "excess": -0.0123},
    ]
    payload.update(
        finding="The finding comes first.", own=2,
        recommended={"set": 4, "why": "Set 4: because.", "command": "backtest run streak5 --set detector.sessions=4"},
        walk_forward={**OUTSIDE, "blocks": blocks, "excess_inside": 0.02, "own": OUTSIDE, "text": "Walked."},
        overfitting={"text": "Overfitted.", "loss": 0.25, "logits": {"edges": [-1.0, 0.0, 1.0], "counts": [3, 9]}},
        importance={"shares": {"detector.sessions": 0.2, "detector.threshold": 0.7}, "text": "threshold 70%."},
        specification_curve={"order": [1, 2, 3, 4, 5, 6], "positive": 6, "median": 0.0035, "p_median": 0.04,
                             "interval_horizons": [5, 21]},
    )  # fmt: skip
    return {**payload, **changes}


@pytest.fixture(scope="module")
def html():
    return tune_page(searched())


def test_the_finding_leads_and_the_command_can_be_copied(html):
    page = parse(html)
    assert page.headings[:3] == ["Tuning: Streak", "Verdict", "Outside the years that chose"]
    assert "Every specification" in page.headings
    assert page.text.index("The finding comes first.") < page.text.index("Nothing stands out")
    assert "<code><span>backtest run streak5</span> <span>--set detector.sessions=4</span></code>" in html
    assert "Set 2 (sessions = 3, threshold = 0.01): +0.20 pp, 2 events" in " ".join(page.text.split())


def test_each_block_says_what_it_chose_and_what_came_of_it(html):
    text = " ".join(parse(html).text.split())
    assert "no set had enough events" in text
    assert "chosen for its loss, which counts as a gain here" in text
    for told in ("−1.23 pp", "+2.00 pp", "−0.20 to +1.10 pp", words.probability(0.31), "Overfitted.", "threshold 70%."):
        assert told in text, told


def test_events_of_a_detector_that_looks_ahead_were_not_known_at_the_time(html):
    known = "were known at the time, as no detector looks ahead"
    assert known in " ".join(parse(html).text.split())
    ahead = " ".join(parse(tune_page(searched(lookahead={"text": "It looks ahead."}))).text.split())
    assert known not in ahead
    assert "a detector looks ahead: they were not all known at the time" in ahead


def test_own_and_recommended_sets_are_marked(html):
    assert html.count(" default") >= 1
    assert "set 2, the strategy&#x27;s own: +0.20 pp (−0.20 to +0.60 pp)" in html
    assert "set 4, recommended: +0.40 pp (0.00 to +0.80 pp)" in html
    cells = [row[0] for row in parse(part(html, "table", "table-of-sets")).rows[1:]]
    assert "2 own" in cells


def test_sets_that_are_not_there_are_not_marked_and_old_records_are_still_drawn():
    text = parse(tune_page(searched(own=None, recommended=None))).text
    assert "Its values are not in the grid." in text
    assert "None: no set has enough events." in text
    assert "Outside the years that chose" not in parse(tune_page(tuning())).headings


@pytest.mark.parametrize(
    ("long", "shown"), [(0.0123457, "0.0123457"), (0.01, "0.01"), ("a_name_of_20_letters", "a_name_of_20_…")]
)
def test_values_with_long_names_have_room_and_all_sets_stay_in_line(long, shown):
    """Seven letters, of 7 pixels at most, fit beside any chart (54 pixels), 14 beside one of kind `named` (110)."""
    payload = searched()
    payload["grid"]["detector.threshold"][0] = long
    html = tune_page(payload)
    kinds = re.findall(r'<div class="plot-box([^"]*)" id="chart-(?:curve|choices-\d)"', html)
    assert len(kinds) == 3
    assert {"named" in kind for kind in kinds} == {len(str(long)) > 7}
    names = re.findall(r'<text class="y"[^>]*>([^<]*)</text>', html.partition('id="chart-choices-1"')[2])
    assert shown in names
