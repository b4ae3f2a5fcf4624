from __future__ import annotations

import re

import numpy as np
import pytest

from backtest.report.pages.run.expectations import FEWER, SHOWN, odds_of
from backtest.report.pages.run.page import run_page

from .html_tree import parse
from .large import large_run
from .plots import read
from .records import SESSIONS, small_run, written
from .test_in_browser import drawn, measured, needs_browser, opened
from .test_size import LIMIT

NAN = float("nan")
ABOUT = {
    "futures": "FF",
    "title": "Futures of the Fed",
    "before": 5,
    "versions": ["chain_post"],
    "without_target": 0,
    "cuts_over": 12,
    "policy": "DFF",
}


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def with_expectations():
    """Three events; the last has a gap in its path, a small outcome, and an unsolved meeting."""
    run, columns = small_run()
    run["expectations"] = dict(ABOUT)
    columns["expected_path"] = {
        "event": [1, 2, 3, 3, 3],
        "month": days("2024-07-01", "2024-07-01", "2024-07-01", "2024-08-01", "2024-10-01"),
        "rate": [5.33, 5.32, 5.3275, 5.315, 5.09],
        "before": [5.33, 5.33, 5.3275, NAN, 5.14],
    }
    columns["expected_odds"] = {
        "event": [1, 3, 3, 3, 3, 3],
        "meeting": days("2024-07-31", "2024-07-31", "2024-07-31", "2024-09-18", "2024-09-18", "2024-11-07"),
        "reason": ["", "", "", "", "", "a contract is missing"],
        "version": ["chain_post", *["chain_pre"] * 5],
        "lower": [5.25] * 6,
        "upper": [5.5] * 6,
        "moves": [0.0, -1.0, 0.0, -2.0, -1.0, NAN],
        "probability": [1.0, 0.072, 0.928, 0.0004, 0.9996, NAN],
    }
    columns["expected_cuts"] = {"session": SESSIONS, "cuts": np.linspace(4, 5.5, 10)}
    return run, columns


def test_the_table_of_one_event():
    rows = [
        {"meeting": "2024-07-31", "reason": "", "lower": 5.25, "upper": 5.5, "moves": m, "probability": p}
        for m, p in ((-1.0, 0.072), (0.0, 0.928))
    ]
    rows += [
        {"meeting": "2024-09-18", "reason": "", "lower": 5.25, "upper": 5.5, "moves": m, "probability": p}
        for m, p in ((-2.0, 0.0004), (-1.0, 0.9996))
    ]
    assert odds_of(rows) == {
        "columns": ["5.00–5.25", "5.25–5.50"],
        "now": 1,
        "rows": [
            {"meeting": "2024-07-31", "reason": "", "cells": ["7.2", "92.8"]},
            {"meeting": "2024-09-18", "reason": "", "cells": ["100.0", ""]},
        ],
        "left_out": 1,
        "known": True,
        "version": None,
    }


def test_an_unlikely_outcome_between_two_others_leaves_no_hole():
    row = {"meeting": "2024-07-31", "reason": "", "lower": 5.25, "upper": 5.5, "version": "chain_post"}
    found = odds_of([{**row, "moves": -2.0, "probability": 0.99}, {**row, "moves": 0.0, "probability": 0.01}])
    assert found["columns"] == ["4.75–5.00", "5.00–5.25", "5.25–5.50"]
    assert found["rows"][0]["cells"] == ["99.0", "", "1.0"]
    assert (found["left_out"], found["version"]) == (0, "chain_post")


def test_before_december_2008_and_without_a_target():
    row = {"meeting": "2001-03-20", "reason": "", "lower": 6.0, "upper": 6.0, "moves": -1.0, "probability": 1.0}
    assert odds_of([row])["columns"] == ["5.75", "6.00"]
    blank = {**row, "lower": None, "upper": None}
    assert odds_of([blank, {**blank, "moves": 2.0}])["columns"] == ["−1", "0", "+1", "+2"]
    assert odds_of([]) == {"columns": ["0"], "now": 0, "rows": [], "left_out": 0, "known": False, "version": None}


def test_the_page_shows_the_latest_event_and_the_charts_hold_all(tmp_path):
    html = run_page(written(tmp_path, *with_expectations()))
    page = parse(html)
    assert [event["day0"] for event in page.data["odds"]] == ["2024-07-12", "2024-07-09", "2024-07-03"]
    path = read(re.search(r'<div class="rate-path">.*?(<svg class="plot".*?)</div>', html, re.S)[1])
    assert [(round(x, 4), title) for _, x, _, title in path.circles] == [
        (0.0, "2024-07: 5.327%"), (0.3333, "2024-08: 5.315%"), (1.0, "2024-10: 5.090%")
    ]  # fmt: skip
    assert len(path.path("line mark thick")) == 2  # a month that was not quoted is a gap
    assert [text for name, _, _, text in path.texts if name == "x"] == ["2024-07", "2024-08", "2024-09", "2024-10"]
    text = " ".join(page.text.split())
    for words in (
        "What the market expected",
        "seen on 2024-07-12",
        "5.25–5.50now",
        "a contract is missing",
        "5 sessions before",
        "Cuts priced over 12 months, moves of 25 basis points",
        "DFF minus the rate that futures imply so many months ahead",
    ):
        assert words in text, words
    assert page.data["hover"]["cuts"]["rows"][0]["values"][0] == 4.0


def test_a_run_of_an_earlier_version_has_no_such_section(tmp_path):
    html = run_page(written(tmp_path, *small_run()))
    assert "What the market expected" not in html
    assert parse(html).data["odds"] == []


@pytest.mark.parametrize(("n", "many", "shown"), [(500, 7, SHOWN), (20_000, 16, FEWER), (20_000, 50, FEWER)])
def test_many_events_are_the_latest_and_the_page_stays_small(tmp_path, n, many, shown):
    run, columns = large_run(25_000, n, list(range(1, many + 1)), (-2520, 2520))
    run["expectations"] = dict(ABOUT)
    last = np.arange(n - SHOWN - 49, n + 1)
    random = np.random.default_rng(7)
    columns["expected_path"] = {
        "event": np.repeat(last, 25),
        "month": np.tile((np.datetime64("2024-07") + np.arange(25)).astype("datetime64[D]"), len(last)),
        "rate": random.uniform(3, 6, 25 * len(last)),
        "before": random.uniform(3, 6, 25 * len(last)),
    }
    outcomes = [(meeting, -moves) for meeting in range(8) for moves in range(meeting + 2)]  # each adds one at most
    meeting, moves = (np.tile([one[part] for one in outcomes], len(last)) for part in (0, 1))
    columns["expected_odds"] = {
        "event": np.repeat(last, len(outcomes)),
        "meeting": np.datetime64("2024-07-31") + 49 * meeting,
        "reason": [""] * len(meeting),
        "version": ["chain_pre"] * len(meeting),
        "lower": np.full(len(meeting), 5.25),
        "upper": np.full(len(meeting), 5.5),
        "moves": moves.astype(np.float64),
        "probability": random.uniform(0.01, 1, len(meeting)),
    }
    sessions = columns["history"]["session"]
    columns["expected_cuts"] = {"session": sessions, "cuts": random.normal(size=len(sessions))}
    html = run_page(written(tmp_path, run, columns))
    page = parse(html)
    assert len(page.data["odds"]) == shown
    assert f"the {shown} latest of {n:,} events" in " ".join(page.text.split())
    assert len(html.encode()) < LIMIT


def test_events_without_quotes_are_counted_and_not_offered(tmp_path):
    run, columns = with_expectations()
    run["expectations"] |= {"quoted": ["2024-07-08", "2024-07-16"], "unquoted": 1, "events": 2}
    for name in ("expected_path", "expected_odds"):
        columns[name] = {key: values[1:] for key, values in columns[name].items()}  # of event 1, one row each
    text = " ".join(parse(html := run_page(written(tmp_path, run, columns))).text.split())
    assert "2 of 3 events lie on days with quotes, which run from 2024-07-08 to 2024-07-16" in text
    assert "To choose from" not in text
    assert [event["day0"] for event in parse(html).data["odds"]] == ["2024-07-12", "2024-07-09"]


def test_where_only_the_latest_are_recorded_the_page_says_so(tmp_path):
    run, columns = with_expectations()
    run["expectations"] |= {"quoted": ["2024-07-01", "2024-07-16"], "unquoted": 0, "events": 2}
    for name in ("expected_path", "expected_odds"):
        columns[name] = {key: values[1:] for key, values in columns[name].items()}
    text = " ".join(parse(run_page(written(tmp_path, run, columns))).text.split())
    assert "the 2 latest of 3 events" in text
    assert "hold the 2 latest, as the detector reads no futures." in text


@needs_browser
def test_the_chosen_event_is_drawn_and_tabled(tmp_path):
    html = run_page(written(tmp_path, *with_expectations()))
    document, console = opened(tmp_path, html)
    assert console == []
    assert "chart-cuts" in drawn(document)
    script = """
      const choice = document.getElementById("choose-expected");
      const look = () => [
        [...document.querySelectorAll("#expected-odds tr")].map((row) => [...row.cells].map((c) => c.textContent)),
        [...document.querySelectorAll(".rate-path:not([hidden]) title")].map((title) => title.textContent),
        [...document.querySelectorAll("[data-expected-day]")].map((place) => place.textContent),
        [...document.querySelectorAll("#expected-odds .now")].length,
        document.getElementById("expected-version").textContent,
      ];
      const first = look();
      choice.value = "0"; choice.dispatchEvent(new Event("change"));
      const same = look();
      choice.value = "2"; choice.dispatchEvent(new Event("change"));
      told([first, same, look()]);
    """
    first, same, other = measured(tmp_path, html, script)
    assert first[1:] == same[1:]
    assert [[cell.replace("\n", "") for cell in row] for row in first[0]] == same[0]  # what the page has, redrawn
    assert first[0][1:] == [
        ["2024-07-31", "7.2", "92.8"],
        ["2024-09-18", "100.0", ""],
        ["2024-11-07", "a contract is missing"],
    ]
    assert other[0] == [["Meeting", "5.25–5.50now"], ["2024-07-31", "100.0"]]
    assert other[1:] == [["2024-07: 5.330%"], ["2024-07-03", "2024-07-03"], 2, "chain_post"]
    assert first[-1] == "chain_pre"


@pytest.mark.parametrize("synthetic", [True, False])
def test_simulated_expectations_say_so(tmp_path, synthetic):
    run, columns = with_expectations()
    run["dataset"]["synthetic"] = synthetic
    text = " ".join(parse(run_page(written(tmp_path, run, columns))).text.split())
    assert ("On simulated data: nobody expected this." in text) is synthetic
