from __future__ import annotations

import re
from pathlib import Path

import pytest

from backtest import format as words
from backtest.report.pages.tune import heat
from backtest.report.pages.tune.page import tune_page

from .html_tree import parse, part
from .payloads import tuning, without_benchmarks
from .plots import chart


def sets_of(payload):
    """The rows of the table of sets, without its head."""
    return parse(part(tune_page(payload), "table", "table-of-sets")).rows[1:]


@pytest.fixture
def page():
    return parse(tune_page(tuning()))


def test_headings_stand_in_order(page):
    assert page.headings == [
        "Tuning: Streak", "Verdict", "The grid", "How far the sets lie apart", "The sets", "How to read this",
    ]  # fmt: skip


def test_the_number_of_looks_is_told(page):
    assert "streak5 at 2 horizons: 6 parameter sets, 12 looks." in " ".join(page.text.split())
    assert "Nothing stands out among 12 looks." in page.text


def test_the_sets_stand_in_the_order_of_the_search():
    rows = sets_of(tuning())
    assert [cells[0] for cells in rows] == ["6 best", "5", "4", "3", "2", "1"]
    assert rows[0] == [
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
    assert rows[4][-1] == "–"
    payload = tuning()
    payload.update(order=[2, 6, 1, 3, 5, 4], best=2)
    assert [cells[0] for cells in sets_of(payload)] == ["2 best", "6", "1", "3", "5", "4"]


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


def test_the_histogram_counts_every_set_once():
    found = chart(tune_page(tuning()), "spread-of-sets-21")
    # 0.1 to 0.6 points in five ranges of 0.1, the last of which holds both its ends.
    assert [title for _, _, _, title in found.rects] == [
        "+0.10 pp to +0.20 pp: 1 set", "+0.20 pp to +0.30 pp: 1 set", "+0.30 pp to +0.40 pp: 1 set",
        "+0.40 pp to +0.50 pp: 1 set", "+0.50 pp to +0.60 pp: 2 sets",
    ]  # fmt: skip
    heights = [top for _, _, top, _ in found.rects]
    assert heights == pytest.approx([1 / 2.1] * 4 + [2 / 2.1], abs=1e-3)
    # The axis reaches a twentieth of 0.5 points further on either side.
    assert found.uprights("best") == pytest.approx([0.525 / 0.55], abs=1e-3)
    assert found.uprights("base") == pytest.approx([0.5], abs=1e-3)


def test_the_heat_map_shows_the_excess_at_the_horizon_tuned_for():
    payload = tuning()
    payload["sets"][1]["horizons"][1].update(excess=-0.003, p_adjusted=0.01)
    payload["sets"][2]["horizons"][1]["excess"] = None
    del payload["sets"][3]
    payload.update(order=[6, 5, 3, 2, 1], best=6)
    html = part(tune_page(payload), "table", "grid-of-sets")
    found = parse(html)
    assert found.rows == [
        ["detector.sessions", "0.005", "0.01"], ["3", "+0.10", "−0.30 *"], ["4", "–", ""], ["5", "+0.50", "+0.60"],
    ]  # fmt: skip
    cells = [attributes for tag, attributes in found.tags if tag == "td"]
    # The strongest of both signs, 0.6 points, has half of the colour.
    assert [(one.get("class"), one.get("style")) for one in cells] == [
        ("up", "--share: 8%"), ("down star", "--share: 25%"), ("none", "--share: 0%"), (None, None),
        ("up", "--share: 42%"), ("up own", "--share: 50%"),
    ]  # fmt: skip
    assert cells[5]["title"] == "5, 0.01: +0.60 pp; p adjusted 0.167; events 6; set 6, the best"
    assert "After 21 sessions: excess over the base rate." in found.text
    assert "detector.threshold from left to right, detector.sessions from top to bottom." in found.text


def test_a_loss_can_be_the_strongest():
    payload = tuning(1, 2)
    payload["sets"][0]["horizons"][1]["excess"] = -0.008
    html = tune_page(payload)
    cells = [attributes for tag, attributes in parse(part(html, "table", "grid-of-sets")).tags if tag == "td"]
    assert [one["style"] for one in cells] == ["--share: 50%", "--share: 13%"]  # 0.8 and 0.2 points
    assert parse(part(html, "p", "ramp")).text == "−0.80 pp+0.80 pp"


def test_a_third_parameter_has_the_best_sets_value():
    payload = tuning()
    payload["grid"]["trade.hold"] = [5, 21]
    for one in payload["sets"]:
        one["parameters"]["trade.hold"] = 21 if one["set"] in (2, 6) else 5
    html = tune_page(payload)
    assert parse(part(html, "table", "grid-of-sets")).rows[1:] == [
        ["3", "", "+0.20"],
        ["4", "", ""],
        ["5", "", "+0.60"],
    ]
    assert "; trade.hold = 21." in html
    assert '<label>trade.hold <select data-key="2">' in html


@pytest.mark.parametrize(("values", "thresholds", "bare"), [(10, 12, False), (2, 15, True), (11, 11, True)])
def test_cells_that_are_too_many_hold_no_text(values, thresholds, bare):
    html = part(tune_page(tuning(values, thresholds)), "table", "grid-of-sets")
    assert ('class="heat sets bare"' in html) == bare
    named = [tag for tag in re.findall(r'<th scope="col"[^>]*>', html)[1:] if "skipped" not in tag]
    assert len(named) == (-(-thresholds // 2) if bare else thresholds)


def test_simulated_data_are_named_in_every_picture():
    html = tune_page({**tuning(), "synthetic": True})
    assert html.count('<text class="stamp"') == html.count('<svg class="plot"') == 2
    assert "(simulated data)</caption>" in part(html, "table", "grid-of-sets")


def test_no_best_no_excess_no_star():
    payload = tuning()
    payload["best"] = None
    for item in payload["sets"]:
        for row in item["horizons"]:
            row.update(excess=None, p_value=None, p_adjusted=None)
    page = parse(tune_page(payload))
    assert page.data["best"] is None
    text = " ".join(page.text.split())
    assert "6 parameter sets; no look, as no set has an event with a complete window." in text
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
    assert "streak5 at 1 horizon: 1 parameter set, 1 look." in text
    assert not re.search(r"\b1 (sets|looks|parameter sets|horizons)\b", text)


def test_a_table_cut_short_says_so():
    page = parse(tune_page(tuning(30, 20)))
    assert "The table shows 500 of 600 sets" in " ".join(page.text.split())
    assert len(sets_of(tuning(30, 20))) == 500


def test_one_parameter_has_no_axes_to_choose():
    payload = tuning(4, 1)
    del payload["grid"]["detector.threshold"]
    page = parse(tune_page(payload))
    assert "Across" not in page.text


def test_sets_of_an_asset_alone_have_a_return_and_no_spread():
    page = parse(tune_page(without_benchmarks(tuning(), "sets")))
    assert sets_of(without_benchmarks(tuning(), "sets"))[0] == [
        "6 best",
        "5",
        "0.01",
        "60",
        "6",
        "+1.20%",
        "+0.60%",
        "+0.60 pp",
        "60%",
        "0.143",
        "0.167",
    ]
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


COLOURS = Path(words.__file__).parent / "report" / "kit" / "colours.css"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("side", ["low", "high"])
def test_text_keeps_its_contrast_on_every_colour_of_the_heat_map(dark, side):
    style = COLOURS.read_text(encoding="utf-8").split("@media")[1 if dark else 0]
    palette = {
        name: [int(colour[at : at + 2], 16) for at in (0, 2, 4)]
        for name, colour in re.findall(r"--([\w-]+): #([0-9a-f]{6});", style)
    }
    grounds = [
        [
            (share * one + (100 - share) * other) / 100
            for one, other in zip(palette[side], palette["paper"], strict=True)
        ]
        for share in range(heat.DARKEST + 1)
    ]
    assert min(contrast(palette["ink"], ground) for ground in grounds) >= 4.5


def contrast(one, other):
    """As WCAG 2 defines it."""
    linear = [
        [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)]
        for colour in (one, other)
    ]
    dark, light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in linear)
    return (light + 0.05) / (dark + 0.05)
