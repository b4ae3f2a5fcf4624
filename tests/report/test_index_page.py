"""The home page: what it says of each run, its small pictures, and that it works with and without its scripts."""

from __future__ import annotations

import json
import re

import pytest

from backtest.catalog.runs import with_differences
from backtest.errors import RunUnreadable
from backtest.model.home import Home, Look, PageLink, RunFacts, RunLine, facts_of
from backtest.model.labels import Labels
from backtest.report.pages.index.page import index_page
from backtest.report.pages.index.spark import spark_of

from .html_tree import parse
from .records import RUN
from .test_in_browser import needs_browser, opened


def line(run, **of):
    """The line of a run as the record holds it."""
    run_id = run["run_id"]
    return RunLine(run["strategy"], run_id, run_id[-8:], run["created"], **{"facts": facts_of(run), **of})


def home(*runs):
    return index_page(Home(with_differences([line(run) for run in runs])))


@pytest.mark.parametrize(("day0", "mark"), [("start", True), ("end", True), ("trigger", False)])
def test_a_day_0_on_which_nobody_knew_the_event_is_marked(day0, mark):
    text = parse(home({**RUN, "parameters": {**RUN["parameters"], "episodes.day0": day0}})).text
    assert (f"DAY 0 IS THE {day0.upper()}" in text) is mark


def test_a_run_without_its_parameters_is_no_sound_record():
    with pytest.raises(RunUnreadable, match="'parameters'"):
        facts_of({key: value for key, value in RUN.items() if key != "parameters"})


def test_a_row_says_what_the_run_found_and_what_the_user_says_of_it():
    own = line({**RUN, "overrides": {"detector.sessions": 4}}, labels=Labels("base", ("paper", "x"), "as in the draft"))
    (row,) = parse(index_page(Home([own]))).rows[1:]
    study, _, finding, made, dataset, events, sample = row
    assert study.startswith("Three straight sessions base #paper #x")
    assert "as in the draft" in study
    assert "sessions = 4" in study
    assert study.endswith("streak5, 0a1b2c3d")
    assert finding == "stands out: +3.66 pp over 1 session, adjusted p 0.011"
    assert made.startswith("2026-09-01")
    assert (dataset, events) == ("tiny", "3")
    assert "2024-07-01" in sample


def test_a_run_that_cannot_be_read_stands_among_the_others():
    broken = RunLine("slump", "20260101T000000Z-00000001", "00000001", "", refusal="run.json: 'title' is missing")
    page = parse(index_page(Home([line(RUN), broken])))
    assert [a["href"] for tag, a in page.tags if tag == "a"] == ["./streak5/20260901T120000Z-0a1b2c3d/report.html"]
    assert "Cannot be read. run.json: 'title' is missing" in page.rows[2][2]
    assert len({len(row) for row in page.rows}) == 1  # every row sorts by every column
    cells = [attributes.get("class") or "" for tag, attributes in page.tags if tag == "td"]
    assert not [one for one in cells if "finding" in one.split()]  # that is the section of a run, with a rule above


def test_other_pages_are_linked_by_kind():
    link = PageLink("compare/a b.html", "Comparison", "x, y", "2026-01-01T00:00:00Z")
    page = parse(index_page(Home([], [link], [], [], [PageLink("detectors/index.html", "Detectors", "", "")])))
    assert [a["href"] for tag, a in page.tags if tag == "a"] == ["./compare/a%20b.html", "./detectors/index.html"]
    assert "Comparison x, y 1 January 2026, 00:00 UTC" in " ".join(page.text.split())
    assert "Tunings" not in page.text
    assert "Nothing has been recorded yet" in page.text


def test_the_page_is_light_and_says_nothing_of_missing_scripts():
    html = index_page(Home([line(RUN)]))
    assert len(html.encode()) < 40_000
    assert "<noscript>" not in html


def facts(*looks):
    plain = facts_of(RUN)
    return RunFacts(**{**plain.__dict__, "looks": looks})


def test_the_picture_by_hand():
    # The box is 96 by 28 with a margin of 3: x is 3, 48 or 93; from +2 at the top (3) to -2 at the bottom (25).
    spark = spark_of(facts(Look(1, 0.02, 0.5), Look(5, 0.0, 0.01), Look(21, -0.02, 0.9)))
    assert spark.lines == ("3,3 48,14 93,25",)
    assert (spark.zero, spark.dot) == (14.0, (48.0, 14.0))
    assert spark.words == (
        "Excess over the base rate: +2.00 pp over 1 session, 0.00 pp over 5 sessions, −2.00 pp over 21 sessions"
    )


def test_a_picture_holds_zero_and_leaves_gaps():
    spark = spark_of(facts(Look(1, 0.01, None), Look(5, None, None), Look(21, 0.02, None), Look(63, 0.01, None)))
    assert spark.zero == 25.0  # all are above it
    assert spark.lines == ("3,14 3,14", "63,3 93,14")
    assert spark.dot is None
    assert spark_of(facts(Look(1, None, 0.5))) is None
    assert spark_of(facts()) is None
    flat = spark_of(facts(Look(1, 0.0, 0.5)))
    assert (flat.lines, flat.zero) == (("48,3 48,3",), 3.0)


def test_of_several_assets_the_one_is_drawn_that_the_verdict_speaks_of():
    looks = [Look(1, 0.01, 0.9, "", "A"), Look(5, 0.01, 0.8, "", "A"), Look(1, 0.04, 0.2, "", "B")]
    assert spark_of(facts(*looks)).words == "Excess over the base rate of B: +4.00 pp over 1 session"


PROBE = """<script>
const told = [];
const table = document.getElementById("runs");
const shown = () => [...table.tBodies[0].rows].filter((row) => !row.hidden);
const order = () => shown().map((row) => row.cells[5].textContent.trim());
told.push(order());
for (const at of [5, 5, 2]) { table.tHead.rows[0].cells[at].querySelector("button").click(); told.push(order()); }
const field = document.getElementById("words");
for (const words of ["slump", "SLUMP tiny", "nowhere", ""]) {
  field.value = words; field.dispatchEvent(new Event("input")); told.push(order());
}
const made = document.createElement("pre");
made.id = "told"; made.textContent = JSON.stringify(told);
document.body.append(made);
</script>"""


@needs_browser
def test_rows_sort_and_filter_and_the_console_is_silent(tmp_path):
    runs = [{**RUN, "n_events": n, "strategy": name} for n, name in ((3, "streak5"), (20, "slump"), (100, "rotation"))]
    runs[0]["horizons"] = []
    broken = RunLine("slump", "20260101T000000Z-00000001", "00000001", "", refusal="damaged")
    lines = [*map(line, runs), broken]
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", index_page(Home(lines)))
    document, said = opened(tmp_path, html.replace("</body>", f"{PROBE}</body>"))
    told = json.loads(re.search(r'<pre id="told">(.*?)</pre>', document)[1])
    assert told == [
        ["3", "20", "100", ""],
        ["3", "20", "100", ""],  # by value, not by spelling; what has none stands last
        ["100", "20", "3", ""],
        ["100", "20", "3", ""],  # by p: alike, and none for the last two
        ["20", ""],
        ["20"],
        [],
        ["100", "20", "3", ""],
    ]
    assert said == []


@needs_browser
def test_the_page_as_it_is_runs_its_scripts(tmp_path):
    document, said = opened(tmp_path, index_page(Home([line(RUN)])))
    assert 'type="search"' in document
    assert said == []
