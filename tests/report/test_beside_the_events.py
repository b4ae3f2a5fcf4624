"""Conditions, rules and rarity on a run's page: written out by hand, and checked by eye."""

from __future__ import annotations

import re

import numpy as np
import pytest

from backtest.report.pages.run.condition_strips import STRETCHES, joined
from backtest.report.pages.run.page import run_page

from .html_tree import parse
from .large import large_run
from .plots import chart
from .records import SESSIONS, small_run, written
from .test_in_browser import drawn, measured, needs_browser, opened
from .test_safety import HOSTILE, poisoned, shape


def rule(name, n, mean, p, verdict, **more):
    cells = [
        {"horizon": h, "events": n + 1, "n": n, "spread_mean": mean, "hit_rate": 0.64 if n else None,
         "base_spread_mean": 0.0001, "p_value": p, "verdict": verdict}
        for h in (1, 5)
    ]  # fmt: skip
    given = {"rule": name, "day0": "trigger", "cooldown": 0, "investable": True} | more
    return {**given, "horizons": cells}


def cell(sessions, threshold, episodes, met, own=False):
    return {"sessions": sessions, "threshold": threshold, "episodes": episodes, "met": met, "own": own}


def full_run():
    run, columns = small_run()
    run["indicator"] |= {"threshold": 3.0, "side": "above"}
    run["parameters"] |= {
        "conditions.up.use": "streak", "conditions.up.sessions": 3, "conditions.up.against": None,
        "conditions.either.any": ["up", "not down"],
    }  # fmt: skip
    run["conditions"] = [
        {"name": "up", "runs": 2, "met": 4, "unknown": 1, "sessions": 10},
        {"name": "either", "runs": 1, "met": 2, "unknown": 0, "sessions": 10},
    ]
    columns["conditions"] = {
        "condition": ["up", "up", "either"], "first": SESSIONS[[1, 7, 8]], "last": SESSIONS[[3, 7, 9]],
        "sessions": [3, 1, 2],
    }  # fmt: skip
    run["rules"] = [
        rule("own", 3, 0.03666, 0.00042, "stands out, taken alone", cooldown=2),
        rule("every", 5, -0.0125, 0.374, "does not stand out", day0="every"),
        rule("start", 0, None, None, "no complete window", day0="start", investable=False),
    ]
    run["rarity"] = {
        "sessions": "detector.sessions", "threshold": "detector.threshold", "unit": "fraction", "failed": "it broke.",
        "text": "3 sessions at 1%: 4 times; 2 sessions at 1%: 11 times.",
        "cells": [
            cell(2, 0.01, 11, 30), cell(2, 0.0125, 7, 15), cell(3, 0.01, 4, 6, own=True), cell(3, 0.0125, None, None)
        ],
    }  # fmt: skip
    return run, columns


@pytest.fixture
def page(tmp_path):
    return parse(run_page(written(tmp_path, *full_run())))


def words(page):
    return " ".join(page.text.split())


def rows(page, first):
    return [cells for cells in page.rows if cells and cells[0].startswith(first)]


def test_a_condition_is_told_in_numbers_and_in_what_it_is(page):
    assert rows(page, "up") == [["up", "2", "4", "40.0%", "1", "streak: sessions = 3"]]
    assert rows(page, "either") == [["either", "1", "2", "20.0%", "0", "any = up, not down"]]
    assert "conditions.parquet" not in page.text


def test_the_strips_stand_over_their_sessions_on_the_axis_of_the_history(tmp_path):
    html = run_page(written(tmp_path, *full_run()))
    days = SESSIONS.astype(int)
    span = days[-1] - days[0]
    ends = [[(1, 3), (7, 7)], [(8, 9)]]
    for strip, runs in enumerate(ends):
        parts = chart(html, f"strip-{strip}").path("fill met")
        found = [(part[0][0], part[-1][0]) for part in parts]
        expected = [((days[a] - days[0]) / span, (days[b] + 1 - days[0]) / span) for a, b in runs]
        assert np.allclose(found, expected, atol=1e-3)
    first, last = (chart(html, "history").circles[at][1] for at in (0, -1))
    assert (first, last) == pytest.approx(((days[2] - days[0]) / span, (days[8] - days[0]) / span), abs=1e-3)
    assert re.findall(r'<p class="strip-name">([^<]*)<', html) == ["up", "either"]


def test_every_rule_stands_at_every_horizon(page):
    assert "Published counts of the same event differ by this alone" in words(page)
    own = ["As the strategy sets it day 0: trigger; cooldown: 2 sessions", "4", "3", "+3.67 pp", "64%", "+0.01 pp",
           "<0.001", "stands out, taken alone"]  # fmt: skip
    assert rows(page, "As the strategy") == [own, own]
    assert rows(page, "Every session on")[0][1:] == [
        "6",
        "5",
        "−1.25 pp",
        "64%",
        "+0.01 pp",
        "0.374",
        "does not stand out",
    ]
    start = rows(page, "Start of each")[0]
    assert start[0].endswith(
        "cannot be invested in: day 0 lies before the event is known, and returns include the event itself"
    )
    assert start[1:] == ["1", "0", "–", "–", "+0.01 pp", "–", "no complete window"]
    assert [row[0] for row in page.rows if row[0].startswith("After ")] == ["After 1 session", "After 5 sessions"]


def test_an_own_rule_that_looks_ahead_says_so(tmp_path):
    run, columns = full_run()
    run["rules"][0].update(day0="end", investable=False)
    page = parse(run_page(written(tmp_path, run, columns)))
    assert "cannot be invested in: an end is seen only one session later" in rows(page, "As the strategy")[0][0]


def test_the_neighbours_with_the_strategys_own_framed(tmp_path):
    html = run_page(written(tmp_path, *full_run()))
    page = parse(html)
    assert "3 sessions at 1%: 4 times; 2 sessions at 1%: 11 times. Counted are episodes" in words(page)
    assert rows(page, "Sessions")[0] == ["Sessions", "1%", "1.25%"]
    assert rows(page, "2 sessions")[0] == ["2 sessions", "11 30 sessions", "7 15 sessions"]
    assert rows(page, "3 sessions")[0] == ["3 sessions", "4 (this strategy) 6 sessions", "– no answer"]
    assert "Where there is no answer: it broke." in words(page)
    # ln 12 is the darkest; ln 5 / ln 12 of it is 0.648.
    assert html.count("--share: 45%") == 1
    assert 'class="shade own" style="--share: 29%"' in html


def test_a_combination_that_the_detector_does_not_take_is_a_dash(tmp_path):
    run, columns = full_run()
    del run["rarity"]["cells"][1]
    page = parse(run_page(written(tmp_path, run, columns)))
    assert rows(page, "2 sessions")[0] == ["2 sessions", "11 30 sessions", "–"]


@pytest.mark.parametrize(
    ("cells", "head", "line"),
    [
        ([cell(None, 2.0, 9, 12), cell(None, 4.0, 3, 5, own=True)], ["Threshold", "2 moves", "4 moves"], "Episodes"),
        ([cell(4, None, 9, 12), cell(5, None, 3, 5, own=True)], ["Sessions", "Episodes"], "5 sessions"),
    ],
)
def test_one_parameter_alone_gives_one_row_or_one_column(tmp_path, cells, head, line):
    run, columns = full_run()
    run["rarity"].update(cells=cells, unit="moves", sessions=None if cells[0]["sessions"] is None else "detector.n")
    page = parse(run_page(written(tmp_path, run, columns)))
    assert head in page.rows
    assert any("3 (this strategy) 5 sessions" in cells for cells in rows(page, line))


def test_the_threshold_of_the_indicator_is_told_to_page_and_chart(page, tmp_path):
    assert "threshold: at least 3 sessions" in words(page)
    drawn_at = chart(run_page(written(tmp_path / "up", *full_run())), "indicator").lines
    # The values reach from 0 to 3, and the axis a twentieth of that further on either side.
    assert [y for name, _, _, y, _ in drawn_at if name == "threshold"] == pytest.approx([3.15 / 3.3], abs=1e-3)
    run, columns = full_run()
    run["indicator"] |= {"threshold": -0.05, "side": "below", "unit": "fraction"}
    assert "threshold: at most −5%" in words(parse(run_page(written(tmp_path / "down", run, columns))))


def test_a_run_without_them_shows_none_of_it(tmp_path):
    page = parse(run_page(written(tmp_path, *small_run())))
    assert not {"How rare it is", "Counted by other rules"} & set(page.headings)
    assert "threshold:" not in page.text
    assert "strip-" not in page.text


def test_hostile_strings_stay_text(tmp_path):
    run, columns = full_run()
    bad = poisoned(run)
    for item, good in zip(bad["rules"], run["rules"], strict=True):
        item["rule"] = good["rule"]  # a word of ours: the page sets the strategy's own apart by it
    columns["conditions"]["condition"] = [HOSTILE] * 3
    html = run_page(written(tmp_path / "bad", bad, columns))
    assert shape(html) == shape(run_page(written(tmp_path / "good", *full_run())))


def test_runs_that_lie_closest_are_joined_and_none_is_lost():
    first, last = np.array([0, 10, 12, 30, 33]), np.array([2, 10, 13, 31, 40])
    assert [side.tolist() for side in joined(first, last, 5)] == [first.tolist(), last.tolist()]
    assert [side.tolist() for side in joined(first, last, 4)] == [[0, 10, 12, 30], [2, 10, 13, 40]]
    assert [side.tolist() for side in joined(first, last, 2)] == [[0, 30], [13, 40]]
    assert [side.tolist() for side in joined(first, last, 1)] == [[0], [40]]


def many_conditions(n, horizons):
    """20 conditions that are met every second session, and six rules at every horizon."""
    run, columns = large_run(n, 500, horizons)
    days = columns["history"]["session"][::2]
    names = [f"condition_{at}" for at in range(20)]
    run["conditions"] = [
        {"name": name, "runs": len(days), "met": len(days), "unknown": 0, "sessions": n} for name in names
    ]
    columns["conditions"] = {
        "condition": np.repeat(names, len(days)).tolist(), "first": np.tile(days, 20), "last": np.tile(days, 20),
        "sessions": [1] * (20 * len(days)),
    }  # fmt: skip
    one = rule("own", 500, 0.01, 0.5, "does not stand out")["horizons"][0]
    cells = [{**one, "horizon": horizon} for horizon in horizons]
    run["rules"] = [
        {**rule(name, 1, 0, 1, ""), "horizons": cells} for name in ("own", "first", "apart", "every", "start", "end")
    ]
    return run, columns


def test_many_conditions_and_horizons_fit_and_say_what_is_joined(tmp_path):
    html = run_page(written(tmp_path, *many_conditions(25_000, list(range(1, 51)))))
    assert len(html.encode()) < 2_500_000
    page = parse(html)
    assert sum(len(chart(html, f"strip-{at}").path("fill met")) for at in range(20)) <= STRETCHES
    assert "In the strips, the runs that lie closest together are drawn as one" in words(page)


def test_the_threshold_stands_at_its_value_even_above_all_others(tmp_path):
    run, columns = full_run()
    run["indicator"]["threshold"] = 7.5
    lines = chart(run_page(written(tmp_path, run, columns)), "indicator").lines
    assert [y for name, _, _, y, _ in lines if name == "threshold"] == pytest.approx([7.875 / 8.25], abs=1e-3)


@needs_browser
def test_the_reader_chooses_the_horizon_of_the_rules(tmp_path):
    script = """
    const shown = () => [...document.querySelectorAll("#rules-table tbody")]
      .filter((body) => body.offsetHeight > 0).map((body) => body.dataset.horizon);
    const choice = document.getElementById("choose-rules");
    const first = shown();
    choice.value = "5";
    choice.dispatchEvent(new Event("change"));
    told([first, shown()]);
    """
    assert measured(tmp_path, run_page(written(tmp_path, *full_run())), script) == [["1"], ["5"]]


@needs_browser
def test_a_full_page_is_drawn_and_the_console_stays_silent(tmp_path):
    document, console = opened(tmp_path, run_page(written(tmp_path, *full_run())))
    assert console == []
    assert {"chart-history", "chart-strip-0", "chart-strip-1"} <= set(drawn(document))


@pytest.mark.parametrize(("last", "marked"), [(3, True), (1, False)])
def test_a_dotted_line_is_spoken_of_where_one_is_drawn(tmp_path, last, marked):
    run, columns = small_run()
    offsets = np.arange(-2, last + 1)
    legs = dict.fromkeys(("asset", "benchmark", "spread"), offsets / 100)
    columns["paths"] = {"event": [1] * len(offsets), "offset": offsets, **legs}
    html = run_page(written(tmp_path, run, columns))
    episodes = html.split('id="episodes"')[1].split("</section>")[0]
    assert ('class="until"' in episodes, "a dotted line" in episodes) == (marked, marked)
    assert ("of which the charts show the beginning." in episodes) is not marked
