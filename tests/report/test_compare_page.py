from __future__ import annotations

import pytest

from backtest.report.page import compare_page

from .html_tree import parse
from .payloads import comparison


@pytest.fixture
def page():
    return parse(compare_page(comparison()))


def test_headings_stand_in_order(page):
    assert page.headings == [
        "2 studies side by side", "The studies", "Excess over an ordinary day", "Events, shared and not", "Notes",
        "How to read this",
    ]  # fmt: skip


def test_parameters_that_differ(page):
    assert ["detector.sessions", "5", "–"] in page.rows


def test_results_stand_side_by_side_under_their_horizon(page):
    at = page.rows.index(["1 session the next session"])
    assert page.rows[at + 1] == [
        "streak5", "2", "+2.00%", "+1.00%", "+1.00 pp", "−0.20 pp", "+1.20 pp", "50% 49%", "0.040", "0.030",
    ]  # fmt: skip
    assert page.rows[at + 2][6] == "−3.40 pp"
    assert page.rows[at + 3] == ["5 sessions about a week"]
    assert page.rows[at + 5] == ["rotation", "not measured"]


def test_shared_events_are_counted_by_row(page):
    assert ["streak5", "2 100%", "1 50%"] in page.rows
    assert ["rotation", "1 33%", "3 100%"] in page.rows


def test_the_timeline_tells_shared_from_own(page):
    assert page.data["timeline"] == [
        {"own": ["2020-04-28"], "shared": ["2024-07-16"]},
        {"own": ["2001-01-02", "2003-05-06"], "shared": ["2024-07-16"]},
    ]


def test_the_chart_gets_the_excess_or_nothing(page):
    assert [[cell["excess"] for cell in row] for row in page.data["excess"]] == [[0.012, None], [-0.034, None]]


def test_simulated_data_say_so(page):
    assert "SIMULATED DATA" in page.text
    assert "The samples differ." in page.text


def test_studies_without_a_difference_or_an_event():
    payload = comparison()
    payload.update(differing=[], shared=[[0, 0], [0, 0]], synthetic=False, notes=[{"about": "x", "text": "y"}])
    for study in payload["studies"]:
        study.update(n_events=0, events=[], parameters={}, first=None, last=None, run_id=None)
    text = " ".join(parse(compare_page(payload)).text.split())
    assert "No parameter differs." in text
    assert "x: y" in text
