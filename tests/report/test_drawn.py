"""Where things stand on the screen, against where the chart says that their values are."""

from __future__ import annotations

import json
import re
import time

import numpy as np
import pytest

from backtest.report.kit.embed import ROOT
from backtest.report.pages.run.page import run_page
from backtest.report.pages.tune.page import tune_page

from .html_tree import parse
from .large import large_run
from .payloads import tuning
from .records import small_run, written
from .test_in_browser import needs_browser, opened

MARK, MUTED, INK = "#9a1f6b", "#596270", "#1a1e24"

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
@pytest.mark.parametrize(("many", "axis", "along"), [(3, "xAxisIndex", 0), (40, "yAxisIndex", 1)])
def test_the_means_of_the_outcomes_stand_at_their_values(tmp_path, many, axis, along):
    run, columns = large_run(900, many, [21])
    run["horizons"][0].update(spread_mean=0.0465, base_spread_mean=-0.0149)
    columns["horizons"].update(spread_mean=[0.0465], base_spread_mean=[-0.0149])
    ask = (
        f'told([[lines("chart-outcomes", "{MARK}"), pixel("chart-outcomes", {{{axis}: 0}}, 0.0465)],'
        f'[lines("chart-outcomes", "{MUTED}"), pixel("chart-outcomes", {{{axis}: 0}}, -0.0149)]])'
    )
    for found, expected in measured(tmp_path, run_page(written(tmp_path, run, columns)), ask):
        straight = [at for at in found if at[along] == at[along + 2]]
        assert min(abs(at[along] - expected) for at in straight) <= 1


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


@needs_browser
def test_opposite_spikes_of_neighbouring_sessions_are_both_drawn_to_their_full_height(tmp_path):
    run, columns = large_run(9_000, 3, [21])
    columns["history"]["indicator"][4_567:4_569] = [200.0, 50.0]
    script = """
    const paths = [...document.querySelectorAll("#chart-indicator svg path")];
    const long = paths.map((path) => path.getAttribute("d")).sort((a, b) => b.length - a.length)[0];
    const heights = long.match(/-?[\\d.]+/g).map(Number).filter((_, at) => at % 2);
    const expected = [200, 50].map((value) => pixel("chart-indicator", { yAxisIndex: 0 }, value));
    told([Math.min(...heights), Math.max(...heights), ...expected]);
    """
    top, bottom, high, low = measured(tmp_path, run_page(written(tmp_path, run, columns)), script)
    assert (abs(top - high) <= 1, abs(bottom - low) <= 1) == (True, True)


@needs_browser
def test_a_page_as_large_as_they_come_is_drawn_within_seconds(tmp_path):
    html = run_page(written(tmp_path, *large_run(25_000, 20_000, list(range(1, 17)), (-2520, 2520))))
    begun = time.perf_counter()
    document, console = opened(tmp_path, html)
    assert time.perf_counter() - begun < 30  # about 3 s here, the browser's own start included
    assert console == []
    assert document.count("<svg") == 6


@needs_browser
def test_a_long_list_of_incomplete_events_ends_in_a_number(tmp_path):
    run, columns = large_run(900, 40, [21])
    columns["forward_returns"]["status"] = ["complete"] * 20 + ["pending"] * 20
    columns["forward_returns"]["spread"][20:] = np.nan
    document, _ = opened(tmp_path, run_page(written(tmp_path, run, columns)))
    caption = re.search(r'<figcaption id="not-complete">([^<]*)<', document)[1]
    assert caption.endswith("and 8 more (pending).")
    assert caption.count("-") == 24


@needs_browser
def test_a_small_run_needs_none_of_it(tmp_path):
    document, _ = opened(tmp_path, run_page(written(tmp_path, *small_run())))
    assert "more (pending)" not in document
