"""Where things stand on the screen, against where the chart says that their values are."""

from __future__ import annotations

import json
import re
import time

import pytest

from backtest.report.kit.embed import ROOT
from backtest.report.pages.run.page import run_page
from backtest.report.pages.tune.page import tune_page

from .html_tree import parse
from .large import large_run
from .payloads import tuning
from .plots import chart
from .records import written
from .test_in_browser import drawn, needs_browser, opened

MARK, INK = "#9a1f6b", "#1a1e24"

MEASURE = """
const lines = (id, colour) => [...document.querySelectorAll(`#${id} svg path[stroke="${colour}"][fill="none"]`)]
  .map((path) => path.getAttribute("d").match(/-?[\\d.]+/g).map(Number))
  .filter((at) => at.length === 4);
const pixel = (id, axis, value) => echarts.getInstanceByDom(document.getElementById(id)).convertToPixel(axis, value);
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
    html = f"{before}<script>{{{MEASURE}{script}}}</script></body>{after}"
    document, console = opened(tmp_path, html)
    assert console == []
    return json.loads(re.search(r'<pre id="measured">(.*?)</pre>', document)[1])


@needs_browser
def test_the_best_and_the_median_of_a_tuning_stand_at_their_values(tmp_path):
    html = tune_page(tuning())
    page = parse(html).data["histograms"]["21"]
    ask = (
        f'told([[lines("chart-spread-of-sets", "{MARK}"), pixel("chart-spread-of-sets", {{xAxisIndex: 0}}, '
        f'{page["best"]})], [lines("chart-spread-of-sets", "{INK}"), '
        f'pixel("chart-spread-of-sets", {{xAxisIndex: 0}}, {page["median"]})]])'
    )
    for found, expected in measured(tmp_path, html, ask):
        assert min(abs(at[0] - expected) for at in found if at[0] == at[2]) <= 1


def test_no_script_draws_a_line_across_a_chart_without_its_precision():
    for script in sorted(p for p in ROOT.rglob("*.js") if "echarts" not in p.parts):
        for found in re.findall(r"mark(?:Line|Point)\b\s*[:=]\s*(.*)", script.read_text()):
            assert found.startswith("markLines("), f"{script.name}: {found}"


def test_opposite_spikes_of_neighbouring_sessions_are_both_drawn_to_their_full_height(tmp_path):
    run, columns = large_run(9_000, 3, [21])
    columns["history"]["indicator"][4_567:4_569] = [200.0, 50.0]
    found = chart(run_page(written(tmp_path, run, columns)), "indicator")
    heights = [y for part in found.path("line observed thin") for _, y in part]
    # From 50 to 200 on an axis that reaches a twentieth further on either side.
    assert (min(heights), max(heights)) == pytest.approx((7.5 / 165, 157.5 / 165), abs=2e-3)


@needs_browser
def test_a_page_as_large_as_they_come_is_drawn_within_seconds(tmp_path):
    html = run_page(written(tmp_path, *large_run(25_000, 20_000, list(range(1, 17)), (-2520, 2520))))
    begun = time.perf_counter()
    document, console = opened(tmp_path, html)
    assert time.perf_counter() - begun < 30  # about 3 s here, the browser's own start included
    assert console == []
    assert drawn(document)[0] == "chart-account"
