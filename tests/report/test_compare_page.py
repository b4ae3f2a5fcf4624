from __future__ import annotations

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
        "2 studies side by side", "Verdict", "The studies", "Excess over the base rate", "Events, shared and not",
        "Notes", "How to read this",
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
    assert page.rows[at + 5] == ["rotation SIMULATED", "not measured"]


def test_shared_events_are_counted_by_row(page):
    assert ["streak5 SIMULATED", "2 100%", "1 50%"] in page.rows
    assert ["rotation SIMULATED", "1 33%", "3 100%"] in page.rows


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
    named = [cell for cells in page.rows for cell in cells if "streak5 (" in cell]
    assert set(named) == {"streak5 (a) SIMULATED", "streak5 (b)"}
    # As a row of studies, of both horizons, of overlaps; as a column of parameters and of overlaps.
    assert named.count("streak5 (a) SIMULATED") == 6
    assert named.count("streak5 (b)") == 7  # and as the one with settings of its own
    key = " ".join(html.split('<ul class="key">')[1].split("</ul>")[0].split())
    assert 'streak5 (a) <small class="simulated-tag">SIMULATED</small>' in key
    assert "streak5 (b)</li>" in key
    assert page.data["simulated"] == [True, False]


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
