from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from backtest import format as words
from backtest.report.pages.tune.page import tune_page

from .html_tree import parse
from .payloads import tuning, without_benchmarks


@pytest.fixture
def page():
    return parse(tune_page(tuning()))


def test_headings_stand_in_order(page):
    assert page.headings == [
        "Tuning: Streak", "Verdict", "The grid", "How far the sets lie apart", "The sets", "How to read this",
    ]  # fmt: skip


def test_the_number_of_looks_is_told(page):
    assert "6 sets of parameters of streak5 at 2 horizons: 12 looks." in " ".join(page.text.split())
    assert "Nothing stands out among 12 looks." in page.text


def test_the_sets_stand_in_the_order_of_the_search(page):
    assert [cells[0] for cells in page.rows[1:]] == ["6 best", "5", "4", "3", "2", "1"]
    assert page.rows[1] == [
        "6 best",
        "5",
        "0.01",
        "60",
        "6",
        "+1.20 pp",
        "+0.60 pp",
        "+0.60 pp",
        "60%",
        "0.143",
        "0.167",
    ]
    assert page.rows[5][-1] == "–"
    payload = tuning()
    payload.update(order=[2, 6, 1, 3, 5, 4], best=2)
    assert [cells[0] for cells in parse(tune_page(payload)).rows[1:]] == ["2 best", "6", "1", "3", "5", "4"]


def test_the_looks_that_survive_are_listed_under_the_verdict():
    payload = tuning()
    payload["survivors"] = [{"set": 6, "horizon": 5}, {"set": 4, "horizon": 21}]
    rows = parse(tune_page(payload)).rows
    assert [row[:4] for row in rows[1:3]] == [["6", "5", "0.01", "5 sessions"], ["4", "4", "0.01", "21 sessions"]]


def test_horizons_are_left_out_of_the_charts_before_the_page_grows_too_large():
    payload = tuning(100, 50)
    one = payload["sets"][0]["horizons"][0]
    for item in payload["sets"]:
        item["horizons"] = [{**one, "horizon": horizon} for horizon in (1, 2, 3, 4, 5, 6, 7, 8, 21)]
    page = parse(tune_page(payload))
    assert list(page.data["horizons"]) == ["1", "2", "3", "4", "5", "6", "7", "21"]
    assert "Horizons left out of the charts for want of room: 8." in " ".join(page.text.split())


def test_the_grid_as_whole_numbers(page):
    assert page.data["grid"] == [["detector.sessions", ["3", "4", "5"]], ["detector.threshold", ["0.005", "0.01"]]]
    assert page.data["at"][4] == [2, 0]
    assert page.data["best"] == 5
    assert page.data["horizons"]["21"]["excess"] == [10, 20, 30, 40, 50, 60]
    assert page.data["horizons"]["5"]["p_adjusted"] == [1000, None, 333, 250, 200, 167]


def test_the_histogram_counts_every_set_once(page):
    found = page.data["histograms"]["21"]
    assert sum(found["counts"]) == 6
    assert (found["edges"][0], found["edges"][-1]) == (0.001, 0.006)
    assert (found["best"], found["median"]) == (0.006, 0.0035)


def test_no_best_no_excess_no_star():
    payload = tuning()
    payload["best"] = None
    for item in payload["sets"]:
        for row in item["horizons"]:
            row.update(excess=None, p_value=None, p_adjusted=None)
    page = parse(tune_page(payload))
    assert page.data["best"] is None
    assert page.data["histograms"]["21"]["counts"] == []
    text = " ".join(page.text.split())
    assert "at 2 horizons: no set has an event with a complete window." in text
    assert "0 looks" not in text
    assert "There is nothing to draw: no set has an event with a complete window." in text
    assert not {"figure", "figcaption", "select"} & {tag for tag, _ in page.tags}
    assert "starred" not in text
    assert "the best by" not in text
    assert "Ranked by" not in text
    assert "Figure" not in text
    assert "counts every look of a grid" in text


def test_one_set_and_one_look_are_one():
    payload = tuning(1, 1)
    payload["sets"][0]["horizons"] = payload["sets"][0]["horizons"][1:]
    payload.update(verdict="", best=1, order=[1])
    text = " ".join(parse(tune_page(payload)).text.split())
    assert "1 set of parameters of streak5 at 1 horizon: 1 look." in text
    assert not re.search(r"\b1 (sets|looks|parameter sets|horizons)\b", text)


def test_a_table_cut_short_says_so():
    page = parse(tune_page(tuning(30, 20)))
    assert "The table shows 500 of 600 sets" in " ".join(page.text.split())
    assert len(page.rows) == 501


def test_one_parameter_has_no_axes_to_choose():
    payload = tuning(4, 1)
    del payload["grid"]["detector.threshold"]
    page = parse(tune_page(payload))
    assert "Across" not in page.text


def test_a_line_leads_from_number_to_number_and_from_no_name_to_another():
    assert parse(tune_page(tuning())).data["ordered"] == [True, True]
    payload = tuning(3, 1)
    names = dict(zip((3, 4, 5), ("SPY", "XLK", "XLF"), strict=True))
    payload["grid"] = {"measure.asset": list(names.values()), "detector.strict": [True, False]}
    for one in payload["sets"]:
        one["parameters"] = {"measure.asset": names[one["parameters"]["detector.sessions"]], "detector.strict": True}
    assert parse(tune_page(payload)).data["ordered"] == [False, False]


def test_sets_of_an_asset_alone_have_a_return_and_no_spread():
    page = parse(tune_page(without_benchmarks(tuning(), "sets")))
    assert page.rows[1] == ["6 best", "5", "0.01", "60", "6", "+1.20%", "+0.60%", "+0.60 pp", "60%", "0.143", "0.167"]
    assert "spread" not in page.text.lower()
    assert page.data["horizons"]["21"]["mean"] == [20, 40, 60, 80, 100, 120]


def test_looks_that_do_not_hold_are_listed_with_their_reason():
    payload = tuning()
    payload["doubted"] = [{"set": 6, "horizon": 5, "doubt": "the halves disagree"}]
    page = parse(tune_page(payload))
    assert "Looks that stand out and do not hold" in page.headings
    row = next(row for row in page.rows if row[-1] == "the halves disagree")
    assert row == ["6", "5", "0.01", "5 sessions", "6", "+0.60 pp", "0.167", "the halves disagree"]
    assert "whether it holds or not" in page.text
    assert "Looks that survive" not in page.headings
    assert "do not hold" not in parse(tune_page(tuning())).text


SCRIPTS = Path(words.__file__).parent / "report"


@pytest.mark.skipif(
    shutil.which("node") is None, reason="no node on this machine: the charts' colours cannot be computed"
)
@pytest.mark.parametrize(
    ("ink", "paper", "low", "middle", "high"),
    [
        ("#1a1e24", "#ffffff", "#bf5508", "#f1f1ee", "#0b63ad"),
        ("#e8eaed", "#14171b", "#f3a15a", "#2a2f36", "#64b0f2"),
    ],
)
def test_text_keeps_its_contrast_on_every_colour_of_the_heat_map(ink, paper, low, middle, high):
    style = (SCRIPTS / "kit" / "colours.css").read_text(encoding="utf-8")
    assert all(f": {colour};" in style for colour in (ink, paper, low, middle, high))
    theme = (SCRIPTS / "kit" / "theme.js").read_text(encoding="utf-8")
    page = (SCRIPTS / "pages" / "tune" / "page.js").read_text(encoding="utf-8")
    mix = page[page.index("function cellColour") : page.index("function heatmapOption")]
    program = (
        f"{theme}\n{mix}\nconst range = {{ min: -1, max: 1 }};\n"
        f"range.inRange = {{ color: {json.dumps([low, middle, high])} }};\n"
        "const values = Array.from({ length: 401 }, (_, at) => at / 200 - 1);\n"
        "console.log(JSON.stringify(values.map((value) => {\n"
        "const ground = cellColour(value, range);\n"
        f"return [ground, channels(legibleOn(ground, {json.dumps([ink, paper])}))]; }})));"
    )
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
    pairs = json.loads(done.stdout)
    assert [pairs[at][0] for at in (0, 200, 400)] == [
        [int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (low, middle, high)
    ]
    assert min(contrast(*pair) for pair in pairs) >= 4.5


def contrast(one, other):
    """As WCAG 2 defines it."""
    linear = [
        [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)]
        for colour in (one, other)
    ]
    dark, light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in linear)
    return (light + 0.05) / (dark + 0.05)
