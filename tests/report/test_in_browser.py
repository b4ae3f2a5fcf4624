from __future__ import annotations

import json
import re

import pytest

from backtest.report.pages.compare.page import compare_page
from backtest.report.pages.run.page import run_page
from backtest.report.pages.tune.page import tune_page

from ..browser import browser, found, said
from .html_tree import parse
from .payloads import comparison, tuning, without_benchmarks
from .records import small_run, without_benchmark, without_events, written
from .test_safety import hostile_pages

needs_browser = pytest.mark.skipif(found() is None, reason="no Chromium on this machine")


def opened(tmp_path, html):
    """Open a page; return the document as it stands then, and what the console said."""
    page = tmp_path / "page.html"
    page.write_text(html, encoding="utf-8")
    browser().look(width=800, height=600)
    browser().open(page)
    return browser().evaluate(DOCUMENT), said(browser().events())


# Two frames: what waits for one, such as the drawing of a page in a page, is done.
DOCUMENT = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  done(`<!DOCTYPE html>${document.documentElement.outerHTML}`);
})))"""

TELL = """
const told = (value) => {
  const box = document.createElement("pre");
  box.id = "measured";
  box.textContent = JSON.stringify(value);
  document.body.append(box);
};
"""


def measured(tmp_path, html, script):
    """Open a page without its policy, run a script in it, return what it told."""
    html = re.sub(r"<meta http-equiv[^>]*>", "", html)
    before, _, after = html.rpartition("</body>")
    html = f"{before}<script>{{{TELL}{script}}}</script></body>{after}"
    document, console = opened(tmp_path, html)
    assert console == []
    return json.loads(re.search(r'<pre id="measured">(.*?)</pre>', document)[1])


def drawn(document):
    """Charts by id, with what their drawing says; a chart that was not drawn is missing."""
    found = re.findall(r'<div class="plot-box[^"]*" id="([^"]+)".*?</svg>', document, flags=re.DOTALL)
    return sorted(found)


@needs_browser
@pytest.mark.parametrize(
    ("name", "charts"),
    [
        ("run", ["history", "indicator", "legs-0", "look-0", "look-1", "spread-0"]),
        ("empty", ["history", "indicator", "legs-0", "spread-0"]),
        ("alone", ["history", "indicator", "legs-0", "look-0", "look-1"]),
        ("compare", []),
        ("compare alone", []),
        ("tune", ["spread-of-sets-21", "spread-of-sets-5"]),
        ("tune alone", ["spread-of-sets-21", "spread-of-sets-5"]),
    ],
)
def test_every_chart_is_drawn_and_the_console_stays_silent(tmp_path, name, charts):
    run, columns = small_run()
    if name == "empty":
        without_events(run, columns)
    if name == "alone":
        without_benchmark(run, columns)
    html = {
        "compare": lambda: compare_page(comparison()),
        "compare alone": lambda: compare_page(without_benchmarks(comparison(), "studies")),
        "tune": lambda: tune_page(tuning()),
        "tune alone": lambda: tune_page(without_benchmarks(tuning(), "sets")),
    }.get(name, lambda: run_page(written(tmp_path, run, columns)))()
    document, console = opened(tmp_path, html)
    assert console == []
    assert drawn(document) == [f"chart-{chart}" for chart in charts]


@needs_browser
def test_without_a_look_the_console_stays_silent(tmp_path):
    payload = tuning()
    payload["best"] = None
    for item in payload["sets"]:
        for row in item["horizons"]:
            row.update(excess=None, p_value=None, p_adjusted=None)
    document, console = opened(tmp_path, tune_page(payload))
    assert (console, drawn(document)) == ([], [])


@needs_browser
@pytest.mark.parametrize("name", ["run", "compare", "tune"])
def test_hostile_strings_stay_text_in_the_charts(tmp_path, name):
    document, console = opened(tmp_path, hostile_pages(tmp_path)[name])
    assert console == []
    tags = parse(document).tags
    assert "svg" in [tag for tag, _ in tags]
    assert not {"img", "b"} & {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
