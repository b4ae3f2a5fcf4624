"""The page of claims: self-contained, said and found beside each other, and nothing hostile gets in."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from backtest.claims.result import claims_json
from backtest.report.pages.claims.claim_words import briefly, found, said
from backtest.report.pages.claims.figures import claim_figures, claims_figures, counted
from backtest.report.pages.claims.page import claims_page
from backtest.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\" onload='x' {{ 7*7 }}"


def figure(**keys):
    return {"name": "n", "find": "value", "on": "2024-07-16", "since": None, "said": None, "tolerance": None,
            "unit": "fraction", "decides": True, "results": [], **keys}  # fmt: skip


def result(basis, value, holds, why=None, before=None):
    return {"basis": basis, "found": value, "before": before, "holds": holds, "why": why}


def claim(*figures, **keys):
    return {
        "strategy": "s",
        "number": 3,
        "said": "Up 12.27%",
        "on": "2024-07-16",
        "note": "",
        "basis": None,
        "why": None,
        "verdict": "does not hold",
        "figures": list(figures),
        "horizons": [],
        "study": None,
        **keys,
    }


def payload(*claims, synthetic=False):
    return {
        "schema": 1, "created": "2026-09-01T12:30:00Z", "version": "0.1.0", "claims": list(claims), "notes": [],
        "dataset": {"name": "d", "title": "D", "sha256": "0" * 64, "synthetic": synthetic},
    }  # fmt: skip


ROW = {"horizon": 5, "n": 70, "spread_mean": -0.0028, "base_spread_mean": -0.0001, "excess": -0.0027,
       "p_value": 0.156, "p_adjusted": 0.5853}  # fmt: skip
TWO = "2001, 2021; no others since 1999-07-01"
NINE = "9: 2000-01-03, 2001-01-03, 2002-01-03, … 2006-01-03, 2007-01-03, 2008-01-03"
TRIGGERS = "2000-01-20 (to 2000-01-21), 2009-09-10"
THREE = figure(
    said={"about": 0.1227},
    tolerance=0.0001,
    results=[result("index", 0.11672, False), result("price", 0.11903, False), result("total", 0.125, False)],
)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"said": {"about": 0.0333}, "tolerance": 0.0001}, "3.33% ± 0.01 pp"),
        ({"said": {"above": 0.92}}, "more than 92%"),
        ({"said": {"below": 0.0}}, "less than 0%"),
        ({"said": {"at_least": 5.0, "at_most": 6.0}, "unit": "moves of 25 bp"}, "5 to 6"),
        ({"said": {"above": 2.0}, "unit": "ratio"}, "more than 2 times"),
        ({"said": {"above": -0.05, "below": -0.01}}, "more than −5% and less than −1%"),
        (
            {"said": ["2001", "2021"], "find": "periods", "since": "1999-07-01"},
            TWO,
        ),
        ({"said": [], "find": "triggers", "since": "1999-07-01"}, "none; no others since 1999-07-01"),
        ({}, "–"),
    ],
)
def test_what_was_said_in_words(keys, text):
    assert said(figure(**keys)) == text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"said": {"about": 23.0}, "unit": "count"}, "23"),
        ({"said": {"about": 0.269}, "tolerance": 0.0005}, "26.9% ± 0.05 pp"),
        ({"said": {"above": 0.91}, "unit": "share"}, "more than 91%"),
        ({"said": ["2024-07-16", "1987-10"], "find": "record"}, "on 2024-07-16, then 1987-10"),
        (
            {
                "said": {"at_least": 16.0, "at_most": 16.0},
                "unit": "sessions",
                "find": "record",
                "days": ["1996-05"],
            },
            "16, on 1996-05",
        ),
    ],
)
def test_what_was_said_of_an_outcome_in_words(keys, text):
    assert said(figure(**{"find": "outcome", "days": None, **keys})) == text


OVER = {"n": 23, "events": 24, "covers": None}
DAYS = [
    {"on": "2024-07-16", "value": 0.0992},
    {"on": "1987-10-19", "value": 0.0886},
    {"on": "2020-03-25", "value": 0.08},
]


@pytest.mark.parametrize(
    ("keys", "value", "more", "text", "brief"),
    [
        ({"unit": "count", "what": "n"}, 23, OVER, "23, and 1 not over yet", "23"),
        ({"unit": "count", "what": "n"}, 23, {**OVER, "events": 23}, "23", "23"),
        ({"what": "mean"}, 0.26926, OVER, "+26.93% (n = 23)", "+26.93%"),
        ({"unit": "share", "what": "positive"}, 21 / 23, OVER, "91.3% (21 of 23)", "91.3%"),
        ({"what": "base_rate"}, 0.0079, {**OVER, "n": 9645}, "+0.79% (9,645 sessions)", "+0.79%"),
        (
            {"find": "record", "days": ["2024-07-16", "1987-10-19"]},
            0.0992,
            {"days": DAYS, "record_since": None},
            "+9.920% on 2024-07-16; then +8.860% on 1987-10-19",
            "+9.920%",
        ),
        (
            {"find": "record", "days": None, "unit": "sessions"},
            16.0,
            {"days": [{"on": "1996-05-07", "value": 16.0}], "record_since": "1988-01-04"},
            "16 sessions on 1996-05-07; as far last on 1988-01-04",
            "16 sessions",
        ),
    ],
)
def test_what_was_found_of_an_outcome_in_words(keys, value, more, text, brief):
    one = result("b", value, True) | more
    asked = figure(**{"find": "outcome", "days": None, **keys})
    assert (found(asked, one), briefly(asked, one)) == (text, brief)
    assert briefly(asked, result("b", None, None, "Why.")) == "not checked"


def test_a_choice_is_named_with_all_that_were_tried_and_from_where_it_is_judged():
    readings = [{"basis": "own", "choice": None}, {"basis": "252 sessions", "choice": "horizon"}]
    one = result("own", 23, True) | {**OVER, "covers": "1962-01-03"}
    counted_figure = figure(find="outcome", what="n", unit="count", since="1950-01-01", days=None, results=[one, one])
    told = claim_figures(
        claim(
            counted_figure,
            verdict="holds on another choice",
            basis="252 sessions",
            choice="horizon",
            tried=readings,
            by="Somebody",
        )
    )
    assert told.verdict == "holds on another choice, the horizon: 252 sessions"
    assert told.tried == "1 other choice tried, fixed in its file: horizon: 252 sessions."
    assert told.covers == "Judged from 1962-01-03 on, as far back as the data reach, not from 1950-01-01."
    assert (told.by, told.tone) == ("Somebody", "holds-on-another-basis")
    assert counted([{"verdict": "holds on another choice"}]) == "1 holds on another choice"


def spell(trigger, end=None):
    return {"trigger": trigger, "end": end or trigger}


@pytest.mark.parametrize(
    ("keys", "value", "text"),
    [
        ({}, 0.03505, "+3.505%"),
        ({}, -0.0382098, "−3.821%"),
        ({"unit": "moves of 25 bp"}, 5.56, "5.56"),
        ({"unit": "probability"}, 1.0, "100.0%"),
        ({"unit": "ratio"}, 3.0006, "3.00 times"),
        ({"find": "triggers"}, [spell("2000-01-20", "2000-01-21"), spell("2009-09-10")], TRIGGERS),
        ({"find": "periods"}, [spell("2000-11-30", "2002-07-10")], "2000-11-30 to 2002-07-10"),
        ({"find": "triggers"}, [], "none"),
        ({"find": "triggers"}, [spell(f"20{k:02}-01-03") for k in range(9)], NINE),
    ],
)
def test_what_was_found_in_words(keys, value, text):
    assert found(figure(**keys), result("b", value, True, before=[])) == text


def test_what_came_before_is_told_where_a_first_day_was_said():
    one = result("b", [], True, before=[spell("1998-10-20")])
    assert found(figure(find="triggers", since="2000-01-01"), one) == "none; before that 1998-10-20"
    assert found(figure(find="triggers"), one) == "none"


def test_what_could_not_be_measured_says_why():
    assert found(figure(), result("b", None, None, "No series.")) == "No series."


def test_a_figure_between_two_bases_is_told_so():
    told = claim_figures(claim(THREE))
    assert told.reason == "12.27% lies between what two bases give: price; total."
    assert [row.found for row in told.rows] == ["+11.672%", "+11.903%", "+12.500%"]
    below = {**THREE, "results": THREE["results"][:2]}
    assert claim_figures(claim(below)).reason == ""


ABSENT = result("IWM", None, None, "series 'IWM': the dataset has no such series.")
UNTRIED = "Not checked on IWM: series 'IWM': the dataset has no such series."


@pytest.mark.parametrize(
    ("verdict", "rows", "text"),
    [
        ("does not hold", [[result("own", 0.035, False), ABSENT]], UNTRIED),
        ("holds on another basis", [[ABSENT, result("own", 0.035, True)]], UNTRIED),
        ("holds", [[result("own", 0.035, True), ABSENT]], ""),
        # another figure contradicts it on that basis already: the one that is missing could change nothing
        ("does not hold", [[result("own", 0.1, False), ABSENT], [result("own", 0.1, False)] * 2], ""),
        (
            "does not hold",
            [[result("own", 0.1, False), ABSENT, {**ABSENT, "basis": "TR, gross"}]],
            UNTRIED.replace("IWM:", "IWM; TR, gross:", 1),
        ),
    ],
)
def test_a_basis_that_could_not_be_checked_is_named_where_it_might_have_held(verdict, rows, text):
    figures = [figure(said={"above": 0.12}, results=row) for row in rows]
    assert claim_figures(claim(*figures, verdict=verdict)).reason == text


def test_the_page_names_a_basis_that_could_not_be_checked():
    one = claim(figure(said={"above": 0.12}, results=[result("own", 0.035, False), ABSENT]))
    assert f"Does not hold. {UNTRIED}" in html.unescape(claims_page(payload(one)))


def test_verdicts_are_counted():
    kinds = ("holds", "holds", "open", "does not hold", "cannot be checked", "holds on another basis")
    text = "2 hold, 1 holds on another basis, 1 does not hold, 1 cannot be checked, 1 is open"
    assert counted([{"verdict": kind} for kind in kinds]) == text


def test_the_page_shows_every_basis_and_the_open_question():
    other = claim(number=10, said="Open?", verdict="open", horizons=[ROW], study="Consistent with chance.")
    page = html.unescape(claims_page(payload(claim(THREE, note="At the close."), other)))
    for text in ("Up 12.27%", "12.27% ± 0.01 pp", "+11.672%", "+11.903%", "+12.500%", "At the close.", "0.585"):
        assert text in page
    assert "SIMULATED" not in page
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_a_simulated_page_says_so_in_title_and_body():
    page = claims_page(payload(claim(THREE), synthetic=True))
    assert "<title>SIMULATED: " in page
    assert "SIMULATED DATA" in page.split("<body>")[1]


def poisoned(value, key=""):
    if isinstance(value, dict):
        return {name: poisoned(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, key) for item in value]
    fixed = key in ("created", "find", "verdict", "unit", "on", "since")
    return HOSTILE if isinstance(value, str) and not fixed else value


def test_hostile_strings_stay_text():
    good = payload(claim(THREE, note="n", why="w"), claim(verdict="open", horizons=[ROW], study="s"))
    tags = [re.findall(r"<[a-z/!][^>]*>", claims_page(content)) for content in (good, poisoned(good))]
    names = [[re.match(r"</?[a-z0-9!]+", tag)[0] for tag in found] for found in tags]
    assert names[0] == names[1]
    assert "{{ 7*7 }}" in html.unescape(claims_page(poisoned(good)))


def test_the_sample_has_a_page():
    page = claims_page(claims_json(Workspace(ROOT, marked=True), (), "sample"))
    assert page.count("<h2 id=") >= 11
    assert "The values are simulated." in page


def test_two_claims_of_one_number_and_strategy_have_headings_of_their_own():
    labels = [claim.label for claim in claims_figures(payload(claim(), claim(), claim(number=4))).claims]
    assert labels == ["3 s (1 of 2)", "3 s (2 of 2)", "4 s"]
