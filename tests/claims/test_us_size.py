"""The claims on real history: the figures of CLAIMS.md, computed outside the project, to the digits shown there."""

from __future__ import annotations

import re
import shutil

import pytest

from backtest.claims.result import claims_json
from backtest.report.pages.claims.page import claims_page
from backtest.workspace import Workspace


@pytest.fixture(scope="module")
def place(us_size, tmp_path_factory):
    """A workspace of its own, as pages are written to it."""
    root = shutil.copytree(us_size.root, tmp_path_factory.mktemp("workspace"), dirs_exist_ok=True)
    return Workspace(root, marked=True)


@pytest.fixture(scope="module")
def judged(place):
    """Claims by their number; the second strategy of number 10 as 10.5."""
    content = claims_json(place, (), "us-size")
    assert content["dataset"]["synthetic"] is False
    assert [note["about"] for note in content["notes"]] == ["death_cross"]  # nothing rests on a proxy
    numbers = [claim["number"] for claim in content["claims"]]
    assert numbers == sorted(numbers)
    keyed = [
        (claim["number"] + 0.5 * (claim["strategy"] == "ratecut" and claim["number"] == 10), claim)
        for claim in content["claims"]
        if claim["number"] <= 10  # the article; the published outcomes have a test of their own
    ]
    assert len(dict(keyed)) == len(keyed)
    return dict(keyed)


@pytest.fixture(scope="module")
def stated(shared):
    """What CLAIMS.md says the data say, by number; with a plain minus."""
    lines = (shared / "CLAIMS.md").read_text(encoding="utf-8").replace("−", "-").splitlines()
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    return {int(row[0]): row[3] for row in cells if len(row) == 4 and row[0].isdigit()}


def found(claim, figure=0, basis=0):
    return claim["figures"][figure]["results"][basis]["found"]


def triggers(claim, figure=0):
    return [spell["trigger"] for spell in found(claim, figure)]


def test_every_row_has_its_claim_and_its_verdict(judged):
    assert {number: (claim["strategy"], claim["verdict"]) for number, claim in judged.items()} == {
        1: ("streak5", "holds"),
        2: ("day_gain", "does not hold"),
        3: ("ytd", "does not hold"),
        4: ("concentration", "holds"),
        5: ("mega_selloff", "holds"),
        6: ("ratecut", "holds"),
        7: ("ratecut", "holds"),
        8: ("tech_underperformance", "holds"),
        9: ("equal_weight", "holds"),
        10: ("first_cut", "open"),
        10.5: ("ratecut", "open"),
    }
    numbers = [claim["number"] for claim in judged.values()]
    assert numbers == sorted(numbers)


def test_the_streaks(judged, stated):
    for figure in (0, 1):  # the same on 0.995%
        result = judged[1]["figures"][figure]["results"][0]
        assert triggers(judged[1], figure) == ["2000-01-20", "2009-09-10", "2020-04-28", "2024-07-16"]
        assert [spell["trigger"] for spell in result["before"]] == ["1998-10-20"]
        assert [spell["end"] for spell in result["found"] if spell["end"] != spell["trigger"]] == [
            "2000-01-21",
            "2020-04-29",
        ]
    days = (*triggers(judged[1]), "1998-10-20", "2000-01-21", "2020-04-29")
    assert all(day in stated[1] for day in days)


@pytest.mark.parametrize(
    ("number", "figure", "basis", "written"),
    [
        (2, 0, 0, "price index {:+.3%}"),
        (2, 0, 1, "IWM {:+.3%}"),
        (3, 0, 0, "price index {:+.3%}"),
        (3, 0, 1, "IWM price {:+.3%}"),
        (3, 0, 2, "IWM total return {:+.3%}"),
        (4, 0, 0, "price index {:.1%}"),
        (4, 0, 1, "IWM total return {:.2%}"),
        (5, 0, 0, "Russell 2000 {:+.2%}"),
        (5, 1, 0, "NVDA {:+.2%}"),
        (5, 2, 0, "MSFT {:+.2%}"),
        (6, 0, 0, "{:.2f} cuts priced"),
        (6, 1, 0, "({:.2f} on 07-09)"),
        (9, 0, 0, "RSP {:+.3%}"),
        (9, 2, 0, "SPY {:+.3%}"),
    ],
)
def test_the_figures_to_the_digits_shown(judged, stated, number, figure, basis, written):
    assert written.format(found(judged[number], figure, basis)) in stated[number]


def test_twice_as_much(judged):
    # 4.880 / 1.626
    assert found(judged[9], 1) == pytest.approx(3.001, abs=0.001)


def test_small_caps_led_technology_so_far_in_two_periods(judged, stated, shared):
    spans = [f"{period['trigger']} to {period['end']}" for period in found(judged[8])]
    assert spans == ["2000-11-30 to 2002-07-10", "2021-03-12 to 2021-07-12"]
    assert all(span in stated[8] for span in spans)
    assert triggers(judged[8], 2) == ["2000-12-20", "2024-07-16"]
    text = (shared / "CLAIMS.md").read_text(encoding="utf-8")
    assert f"Nasdaq on 2024-07-16: {100 * found(judged[8], 1):+.2f} points" in text
    assert f"on 2000-12-20 ({100 * found(judged[8], 3):+.1f})" in text


def test_a_september_cut_was_a_given(judged, stated):
    # CLAIMS.md has CME's figures, from settlements; ours are from last trades (docs/fedwatch.md: the same 71.6, 91.0).
    cme = {"2024-07-16": "100%", "2024-07-15": "100%", "2024-07-11": "92.6%", "2024-07-09": "73.1%"}
    assert all(text in stated[7] for text in cme.values())
    ours = {figure["on"]: found(judged[7], at) for at, figure in enumerate(judged[7]["figures"])}
    # the prices of a day are known at the next close, and read there: 07-16, 07-15, 07-11, 07-09
    assert list(ours) == ["2024-07-17", "2024-07-16", "2024-07-12", "2024-07-10"]
    expected = {"2024-07-17": 1.0, "2024-07-16": 1.0, "2024-07-12": 0.910, "2024-07-10": 0.7155}
    assert ours == pytest.approx(expected, abs=5e-4)
    theirs = [float(text.strip("%")) / 100 for text in cme.values()]
    assert list(ours.values()) == pytest.approx(theirs, abs=0.02)
    assert [figure["decides"] for figure in judged[7]["figures"]] == [True, False, False, False]
    assert all(text in judged[7]["note"] for text in ("73.1%", "92.6%", "100%", "last trades"))


@pytest.mark.parametrize("number", [10, 10.5])
def test_the_open_question_has_its_error(judged, number):
    rows = judged[number]["horizons"]
    assert [row["horizon"] for row in rows] == [1, 5, 10, 21, 63, 126, 252]
    assert all(row["p_value"] <= row["p_adjusted"] <= 1 for row in rows)


def test_what_rests_on_a_proxy_says_so(place):
    text = (place.strategies()["ratecut"]).read_text(encoding="utf-8")
    for former in ("futures", "policy", "months", "moves", "direction"):
        text = re.sub(rf"(?m)^{former} = .*\n", "", text)
    text = text.replace('use = "expectation_shift"', 'use = "change"\nseries = "cuts_priced_proxy"\nthreshold = 1.0')
    head, _, _ = text.partition("[tune]")
    said = 'said = "More cuts"\non = 2024-07-16\n'
    figure = '[[claim.figures]]\nname = "change"\nfind = "value"\nabove = 0.0\n'
    folder = place.root / "strategies"
    folder.mkdir(exist_ok=True)
    mine = folder / "by_proxy.toml"
    mine.write_text(f"{head}[[claim]]\n{said}{figure}[[claim]]\n{said}open = true\n", encoding="utf-8")
    content = claims_json(place, ("by_proxy",), "us-size")
    mine.unlink()
    assert [claim["verdict"] for claim in content["claims"]] == ["holds", "open"]
    for claim in content["claims"]:
        (caution,) = claim["cautions"]
        assert "cuts_priced_proxy is a proxy, no futures: DFF minus DGS1" in caution
    assert [note["about"] for note in content["notes"]] == ["by_proxy"]
    assert "is a proxy" in claims_page(content)


@pytest.mark.parametrize(
    "name",
    [
        "day_gain",
        "ytd",
        "concentration",
        "mega_selloff",
        "tech_underperformance",
        "equal_weight",
        "first_cut",
        "surprise_cut",
        "ratehike",
        "five_percent_day",
        "vix_above_50",
        "lead_record",
        "eight_up",
        "cut_near_high",
        "small_lead_ends",
        "ten_in_ten",
        "five_day_surge",
        "cut_a_year_later",
        "small_cap_days",
        "five_gains_then_less",
        "death_cross",
    ],
)
def test_the_strategies_are_studies_too(place, name):
    from backtest.plan import make_plan
    from backtest.study.run import run_plan

    assert len(run_plan(make_plan(place, name, "us-size"))) >= 3
