"""How firm a finding is: the section of a run's page, against a record written by hand."""

from __future__ import annotations

import re

import pytest

from backtest.model.by_asset import said_beside_verdict, spoken_of
from backtest.report.pages.run.firm import DOTS, LOOKS
from backtest.report.pages.run.page import run_page
from backtest.report.pages.run.sizes import reasons_without_size

from .firm_record import with_robustness
from .html_tree import parse
from .records import small_run, written
from .test_in_browser import needs_browser, opened


@pytest.fixture
def html(tmp_path):
    run, columns = small_run()
    with_robustness(run, columns)
    return run_page(written(tmp_path, run, columns))


def look(html, horizon):
    """The block of one horizon, and its rows."""
    block = re.search(
        rf'<div class="look" data-asset="0" data-horizon="{horizon}".*?</table>\s*</div>\s*</div>', html, re.S
    )
    return block[0], parse(block[0]).rows


def test_the_remarks_stand_below_the_verdict(html):
    beside = re.search(r'</p>\s*<ul class="notes beside">(.*?)</ul>', html, re.S)[1]
    assert re.findall("<li>(.*?)</li>", beside) == ["Without 2024 nothing is left.", "By the sign test, p is above 5%."]
    assert html.index("notes beside") < html.index('id="horizons"')


def test_an_error_rate_that_was_measured_ends_them(tmp_path):
    run, columns = small_run()
    with_robustness(run, columns)
    run["calibration"] = "On data like yours it is wrong 5% of the time."
    assert said_beside_verdict(run)[-1] == run["calibration"]
    assert f"<li>{run['calibration']}</li>\n</ul>" in run_page(written(tmp_path, run, columns))


def test_the_verdict_speaks_of_the_least_adjusted_p_then_the_least_own(tmp_path):
    def rows(*pairs):
        return {"horizons": [{"p_adjusted": a, "p_value": p, "excess": 0.1} for a, p in pairs]}

    assert spoken_of([rows((0.4, 0.2), (0.3, 0.1)), rows((0.3, 0.05), (None, None))]) == (1, 0)
    assert spoken_of([rows((0.3, 0.01), (0.2, 0.15))]) == (0, 1)
    assert spoken_of([rows((None, None))]) is None
    doubted, holding = rows((0.01, 0.01)), rows((0.9, 0.01), (0.04, 0.03))
    doubted["horizons"][0]["doubt"] = "the halves disagree"
    assert spoken_of([doubted, holding]) == (1, 1)
    assert spoken_of([doubted, rows((0.06, 0.06))]) == (0, 0)
    assert said_beside_verdict({**rows((None, None)), "calibration": None}) == []


def test_tests_that_disagree_with_the_verdict_are_marked(html):
    _, rows = look(html, 1)
    tests = rows[1:4]
    assert [row[:2] for row in tests] == [
        ["circular shift this page’s own", "0.030"], ["sign test", "0.250 disagrees"], ["naive t", "0.050"],
    ]  # fmt: skip
    assert tests[1][2] == "windows do not overlap"
    _, rows = look(html, 5)
    assert rows[2] == ["sign test", "–", "windows do not overlap no answer: one event is too few"]
    assert rows[3][1] == "0.040 disagrees"  # the verdict's own is 0.374


def test_the_excess_in_other_ways(html):
    _, rows = look(html, 1)
    at = [row[0] for row in rows].index("All events")
    assert rows[at : at + 9] == [
        ["All events"],
        ["beside all sessions of the base rate", "3", "+0.01 pp", "+3.66 pp", "0.030"],
        ["the same, each by the volatility of its time", "3", "", "+2.00 pp", "0.060"],
        ["Beside sessions"],
        ["of the same calendar month", "2 1 without a match", "+1.00 pp", "+2.67 pp", ""],
        ["Halves of the sample"],
        ["2024-07-01 to 2024-07-08", "1", "+0.02 pp", "+1.25 pp", "0.400"],
        ["2024-07-09 to 2024-07-15", "0", "+0.02 pp", "–", "–"],
        ["Without one", "Excess line: all events; dashed: zero", "Excess lowest to highest", "p lowest to highest",
         "Moves it most"],
    ]  # fmt: skip


def test_without_one_event_and_not_without_all(html):
    block, rows = look(html, 1)
    assert rows[-1] == ["event of 3", "", "−0.50 to +5.00 pp the sign changes", "0.010 to 0.700",
                        "2024-07-09 −0.50 pp without it"]  # fmt: skip
    # From −0.5 to +5 points on 94 of 100 hundredths: zero is a eleventh along, 3.656 points 4.156/5.5 along.
    assert re.findall(r'<[sbi] style="left:([\d.]+)%"', block) == ["11.5", "74.0", "97.0", "3.0", "79.9"]
    assert re.findall(r'title="([^"]*)"', block) == [
        "without 2024-07-03: +5.00 pp", "without 2024-07-09: −0.50 pp", "without 2024-07-12: +4.00 pp",
    ]  # fmt: skip
    assert "Without one" not in html[html.index('data-horizon="5"') :]  # only one event has a window of five


def test_the_look_of_the_verdict_is_shown_and_the_others_say_what_is_said_of_them(html):
    one, _ = look(html, 1)
    assert "Over 1 session, of which the verdict speaks: +3.66 pp over the base rate, p 0.030 taken alone" in one
    assert "1.26 times what was expected on day 0; in 17% of shifts it is as high or higher" in one
    assert "90.0%; the rest is in the base rate" in one
    assert "hidden" not in one
    assert "does not hold" not in one  # the verdict says it
    five = html[html.index('data-horizon="5"') :]
    assert five.startswith('data-horizon="5" hidden>')
    assert "<li>Five cannot be judged.</li>" in five
    assert "How large the effect is cannot be judged" in five


def test_the_size_of_an_effect_or_why_there_is_none(html):
    page = parse(html)
    one, five = (next(row for row in page.rows if row[0].startswith(text)) for text in ("1 session", "5 sessions"))
    assert one[3:7] == ["+3.66 pp −1.00 to +8.00 pp", "0.011 0.030", "", "5.00 pp"]
    assert five[3:7] == ["−5.00 pp cannot be judged", "1.000 0.374", "", "–"]
    assert "No interval and no detectable effect over 5 sessions: the windows cover too much." in page.text


def test_reasons_name_an_asset_only_where_not_all_have_them():
    def rows(*reasons, low=None):
        return [
            {"horizon": h, "n": 3, "no_size": why, "ci_low": low} for h, why in zip((1, 5, 21), reasons, strict=True)
        ]

    assert reasons_without_size({"small": rows("few", None, "few")}) == [
        "No interval and no detectable effect over 1 and 21 sessions: few."
    ]
    assert reasons_without_size({"a": rows("few", "few", None), "b": rows("few", None, None)}) == [
        "No interval and no detectable effect over 1 session: few.",
        "No interval and no detectable effect of a over 5 sessions: few.",
    ]
    assert reasons_without_size({"a": rows(None, None, "rare", low=-0.1)}) == [
        "No detectable effect over 21 sessions: rare."
    ]
    assert reasons_without_size({"a": [{"horizon": 1, "n": 0, "no_size": "no window"}, {"horizon": 5, "n": 2}]}) == []


def test_an_older_record_has_no_such_section(tmp_path):
    assert "How firm it is" not in run_page(written(tmp_path, *small_run()))


def test_a_record_without_the_table_has_ranges_and_no_dots(tmp_path):
    run, columns = small_run()
    with_robustness(run, columns)
    del columns["influence"]
    block, rows = look(run_page(written(tmp_path, run, columns)), 1)
    assert rows[-1][2].startswith("−0.50 to +5.00 pp")
    assert '<u style="left:3.0%;right:3.0%">' in block


def test_of_many_looks_that_of_the_verdict_is_among_those_shown(tmp_path):
    run, columns = small_run()
    with_robustness(run, columns)
    del columns["influence"]
    rests = run["robustness"]
    many = LOOKS + 9
    run["horizons"] = [{**run["horizons"][0], "horizon": h, "p_adjusted": 0.5} for h in range(1, many + 1)]
    run["horizons"][-1]["p_adjusted"] = 0.01
    returns = {key: [values[0]] * (3 * many) for key, values in columns["forward_returns"].items()}
    places = {"event": [event for event in (1, 2, 3) for _ in range(many)], "horizon": list(range(1, many + 1)) * 3}
    columns["forward_returns"] = returns | places
    columns["horizons"] = {key: [values[0]] * many for key, values in columns["horizons"].items()}
    columns["horizons"]["horizon"] = rests["horizons"] = list(range(1, many + 1))
    for one in rests["opinions"]:
        one["by_horizon"] = one["by_horizon"][:1] * many
    for one in (*rests["matched"], *rests["influence"], *rests["halves"]):
        one.update({key: values[:1] * many for key, values in one.items() if isinstance(values, list)})
    html = run_page(written(tmp_path, run, columns))
    assert html.count('<div class="look"') == LOOKS
    assert f"Shown are {LOOKS} of {many} looks" in html
    assert f'data-horizon="{many}">' in html
    assert html.count('<i style="left:') <= DOTS


@needs_browser
def test_the_reader_chooses_a_look(tmp_path, html):
    document, console = opened(tmp_path, html)
    assert console == []
    assert re.findall(r'<div class="look" data-asset="0" data-horizon="(\d)"(?! hidden)', document) == ["1"]
    select = re.search(r'<select id="choose-firm">.*?</select>', html)[0]
    other = select.replace(" selected", "").replace('value="1"', 'value="1" selected')
    chosen = html.replace(select, other)  # a browser may restore an earlier choice
    document, console = opened(tmp_path, chosen)
    assert console == []
    assert re.findall(r'<div class="look" data-asset="0" data-horizon="(\d)"(?! hidden)', document) == ["5"]
