from __future__ import annotations

import datetime as dt
import re

import pytest

from backtest.report.pages.compare.page import compare_page

from .html_tree import parse
from .payloads import comparison, without_benchmarks
from .records import alone


@pytest.fixture
def page():
    return parse(compare_page(comparison()))


def test_headings_stand_in_order(page):
    assert page.headings == [
        "2 studies side by side", "Verdict", "After 1 session", "Do any two differ?", "What differs",
        "Events, shared and not", "Every horizon", "The studies", "Notes", "How to read this",
    ]  # fmt: skip


def test_parameters_that_differ(page):
    assert ["detector.sessions", "5", "–"] in page.rows
    assert ["rotation SIMULATED", "trade: hold = 21, cost_bps = 5"] in page.rows


def test_the_sessions_of_each_base_rate_are_counted(page):
    assert [row[6] for row in page.rows if row[2:3] == ["sample"]] == ["850 50 not judged", "2,000"]


def test_results_stand_side_by_side_under_their_horizon(page):
    at = page.rows.index(["1 session the next session"])
    assert page.rows[at + 1] == [
        "streak5 SIMULATED", "2", "+1.00 pp", "−0.20 pp", "+1.20 pp", "0.040", "0.030", "50% 49%", "+2.00%", "+1.00%",
    ]  # fmt: skip
    assert page.rows[at + 2][4] == "−3.40 pp"
    assert page.rows[at + 3] == ["5 sessions about a week"]
    assert page.rows[at + 5] == ["Not measured: rotation."]


def test_shared_events_are_counted_by_row(page):
    assert ["streak5 SIMULATED", "2 100%", "1 50%"] in page.rows
    assert ["rotation SIMULATED", "1 33%", "3 100%"] in page.rows


def paths(html, kind):
    return re.findall(rf'<path class="{kind}" d="([^"]*)"', html)


def test_the_timeline_tells_shared_from_own():
    """From 2001-01-02 to 2024-07-16 there are 8,596 days; 2003-05-06 is day 854, 2020-04-28 day 7,056."""
    html = compare_page(comparison())
    assert paths(html, "own") == ["M820.8 7V17", "M0 7V17M99.3 7V17"]
    assert paths(html, "shared") == ["M1000 2V22", "M1000 2V22"]
    assert "2 events, 2020-04-28 to 2024-07-16; shared by another study: 1" in html
    assert re.findall(r'<span style="left: [\d.]+%">(\d+)</span>', html) == ["2005", "2010", "2015", "2020"]


def test_a_day_with_several_events_is_drawn_once_and_counted_once():
    """As on a panel: 400 days with two events each, of which one of the first day is shared."""
    found = comparison()
    days = [(dt.date(2023, 1, 1) + dt.timedelta(days=at)).isoformat() for at in range(400)]
    found["studies"][0] |= {"events": sorted(2 * days), "shared": [True, False] + [False] * 798, "n_events": 800}
    html = compare_page(found)
    assert "Drawn are 304 of 403 days" in html  # 1 + 300 of 399, and the 3 of the other study
    assert paths(html, "shared")[0].count("M") == 1
    assert "800 events, 2023-01-01 to 2024-02-04; shared by another study: 1" in html


def test_intervals_share_one_axis_with_zero():
    """From -0.054 to +0.032, and 3% of that to either side: 0.09116 wide from -0.05658."""
    html = compare_page(comparison())
    assert paths(html, "range") == ["M532.9 12H971.7", "M28.3 12H467.1"]
    assert paths(html, "middle") == ["M752.3 5V19", "M247.7 5V19"]
    assert re.findall(r'class="zero" x1="([\d.]+)"', html) == ["620.7"] * 2


def test_the_ranking_stands_first_and_in_its_order(page):
    first, second = (row for row in page.rows if row[-1] == "" and len(row) == 6)
    assert first[:5] == ["streak5 SIMULATED", "+1.20 pp −0.80 to +3.20", "0.030 0.040", "2", "50% 49%"]
    assert second[0] == "rotation SIMULATED"
    assert page.rows.index(first) < page.rows.index(["detector.sessions", "5", "–"])


def test_an_interval_or_an_excess_that_is_not_given_is_not_drawn():
    payload = comparison()
    payload["ranking"][0].update(ci_low=None, ci_high=None)
    payload["ranking"][1].update(excess=None, ci_low=None, ci_high=None, measured=False)
    html = compare_page(payload)
    assert paths(html, "range") == []
    assert len(paths(html, "middle")) == 1
    assert "not measured at this horizon" in html


def test_a_spread_and_a_return_are_ranked_apart():
    payload = comparison()
    payload["ranking"][1]["judges"] = "return"
    rows = parse(compare_page(payload)).rows
    titles = [row[0] for row in rows if len(row) == 1 and "ranked apart" in row[0]]
    assert [title.split(":")[0] for title in titles] == ["Spread", "Return"]
    assert "ranked apart" not in compare_page(comparison())


def test_differences_are_told_or_why_not():
    payload = comparison()
    row = payload["differences"][0]
    payload["differences"] = [row, {**row, "p_value": None, "p_adjusted": None, "reason": "no common session"}] * 6
    page = parse(compare_page(payload))
    assert ["streak5 minus rotation", "2, 2 of 2, 3", "+4.60 pp", "+0.40 to +8.80 pp", "0.020", "0.020"] in page.rows
    assert ["streak5 minus rotation", "not tested: no common session"] in page.rows
    assert "2 more differences" in page.text
    assert sum(cells[0] == "streak5 minus rotation" for cells in page.rows) == 12


def test_more_studies_than_settings_have_a_row_each():
    payload = comparison()
    payload["studies"] += [{**payload["studies"][1], "label": f"more {n}"} for n in range(3)]
    payload["shared"] = [[0] * 5] * 5
    rows = parse(compare_page(payload)).rows
    assert ["Study", "detector.sessions"] in rows
    assert ["streak5 SIMULATED", "5"] in rows


def test_the_page_is_complete_without_scripts(page):
    assert page.scripts == []
    assert page.data is None
    assert "JavaScript" not in page.text


def test_simulated_data_say_so(page):
    assert "SIMULATED DATA" in page.text
    assert "The samples differ." in page.text


def test_studies_without_a_difference_or_an_event():
    payload = comparison()
    payload.update(differing=[], shared=[[0, 0], [0, 0]], synthetic=False, notes=[{"about": "x", "text": "y"}])
    for study in payload["studies"]:
        study.update(n_events=0, events=[], shared=[], own={}, parameters={}, first=None, last=None, run_id=None)
    text = " ".join(parse(compare_page(payload)).text.split())
    assert "No setting differs." in text
    assert "x: y" in text


def mixed():
    """One study twice: on simulated data, and on a market's."""
    payload = comparison()
    for study, ending, synthetic in zip(payload["studies"], "ab", (True, False), strict=True):
        study.update(label=f"streak5 ({ending})", dataset={"name": "d", "title": "D", "synthetic": synthetic})
    return payload


def test_a_simulated_study_beside_a_real_one_is_marked_wherever_its_numbers_stand():
    html = compare_page(mixed())
    page = parse(html)
    named = [cell for cells in page.rows for cell in cells if cell.startswith("streak5 (")]
    assert set(named) == {"streak5 (a) SIMULATED", "streak5 (b)"}
    # As a row of the ranking, of excesses, of studies, of both horizons, of overlaps; as a column of two tables.
    assert named.count("streak5 (a) SIMULATED") == 8
    # It was not measured at one of the horizons, and has settings of its own.
    assert named.count("streak5 (b)") == 8
    names = re.findall(r"<dt>(.*?)</dt>", html)
    assert names == ['streak5 (a) <small class="simulated-tag">SIMULATED</small>', "streak5 (b)"]


def test_a_mixture_does_not_call_all_of_its_prices_simulated():
    text = " ".join(parse(compare_page(mixed())).text.split())
    assert text.startswith("PARTLY SIMULATED: Comparison of 2 studies SIMULATED DATA in 1 of 2 studies")
    assert "These prices" not in text
    assert "(simulated data among them)" in text


def test_assets_alone_have_no_columns_of_a_benchmark_or_a_spread():
    page = parse(compare_page(without_benchmarks(comparison(), "studies")))
    at = page.rows.index(["1 session the next session"])
    assert page.rows[at + 1] == [
        "streak5 SIMULATED", "2", "+1.00%", "−0.20%", "+1.20 pp", "0.040", "0.030", "50% 49%",
    ]  # fmt: skip
    assert "spread" not in page.text.lower()
    assert "Mean return of the asset after the events" in page.text


def test_an_asset_alone_beside_a_spread_says_that_it_has_no_benchmark():
    payload = comparison()
    payload["studies"][1]["horizons"] = [alone(row) for row in payload["studies"][1]["horizons"]]
    page = parse(compare_page(payload))
    at = page.rows.index(["1 session the next session"])
    assert [page.rows[at + 1][i] for i in (2, -2, -1)] == ["+1.00 pp", "+2.00%", "+1.00%"]
    assert [page.rows[at + 2][i] for i in (2, 3, -2, -1)] == ["+1.00%", "−0.20%", "+1.00%", "none"]
    assert "Mean spread of asset over benchmark after the events, or mean return of an asset alone" in page.text


def test_a_look_that_does_not_hold_is_marked_and_not_bold():
    payload = comparison()
    first = payload["studies"][0]["horizons"][0]
    first["doubt"] = "the halves disagree"
    html = compare_page(payload)
    assert "<td>0.030<small>does not hold</small></td>" in html
    assert "unless its look does not hold; then the verdict says why." in html
    first["doubt"] = ""
    assert '<td class="strong">0.030</td>' in compare_page(payload)
    assert "does not hold" not in compare_page(payload)
    first.update(
        doubt="the halves disagree", p_adjusted=0.06
    )  # it does not stand out, so there is nothing to take back
    assert "does not hold" not in compare_page(payload)


def test_many_studies_are_crossed_by_number():
    payload = comparison()
    payload["studies"] = [{**payload["studies"][0], "label": f"study_{at}"} for at in range(1, 10)]
    payload["shared"] = [[1] * 9] * 9
    payload["ranking"], payload["differences"] = [], []
    rows = parse(compare_page(payload)).rows
    head = ["Study", *map(str, range(1, 10))]
    at = rows.index(head)
    assert rows[at + 9] == ["9 study_9 SIMULATED", *["1"] * 9]
