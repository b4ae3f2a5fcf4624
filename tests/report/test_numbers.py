"""A number is printed alike by the terminal, the page, its charts and a notebook; so is what stands out."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from backtest import format as words
from backtest.report.pages.compare.page import compare_page
from backtest.report.pages.run.page import run_page
from backtest.report.pages.tune.page import tune_page

from .html_tree import parse
from .payloads import comparison, tuning
from .records import small_run, written

NODE = shutil.which("node")
SCRIPT = Path(words.__file__).parent / "report" / "kit" / "words.js"
FUNCTIONS = ("percent", "points", "share", "probability", "number")
TIES = (0.0625, 0.1875, 0.00125, 0.125, 0.625, 2.5, 0.5)
"""Just between two printed numbers, and exact in binary."""


@pytest.mark.skipif(NODE is None, reason="no node on this machine: the charts' numbers cannot be computed")
def test_charts_print_what_the_tables_print():
    some = random.Random(9)
    signs = [sign * value for value in TIES for sign in (1, -1)]
    spread = [some.uniform(-1, 1) * 10 ** some.randint(-6, 2) for _ in range(2000)]
    values = [
        *signs,
        *spread,
        0.0,
        -0.0,
        1.005,
        0.0005,
        0.000999,
        0.001,
        0.05,
        0.0501,
        0.0506,
        1.0,
        1234.565,
        -0.004,
        None,
    ]
    program = (
        f"{SCRIPT.read_text(encoding='utf-8')}\nconst values = {json.dumps(values)};\n"
        f"console.log(JSON.stringify([{', '.join(FUNCTIONS)}].map((write) => values.map((one) => write(one)))));"
    )
    done = subprocess.run([str(NODE), "-e", program], capture_output=True, text=True, check=True, encoding="utf-8")
    for name, found in zip(FUNCTIONS, json.loads(done.stdout), strict=True):
        write = getattr(words, name)
        tried = [value for value in values if name != "probability" or value is None or 0 <= value <= 1]
        shown = [text for text, value in zip(found, values, strict=True) if value in tried]
        assert shown == [write(value) for value in tried]


@pytest.mark.skipif(NODE is None, reason="no node on this machine: the charts' words cannot be computed")
def test_charts_name_a_horizon_as_the_tables_do():
    labels = [1, 5, 1260, "1w", "2w", "1m", "18m", "1y", "10y"]
    tried = json.dumps([*labels, *map(str, labels)])
    program = f"{SCRIPT.read_text(encoding='utf-8')}\nconsole.log(JSON.stringify({tried}.map(period)));"
    done = subprocess.run([str(NODE), "-e", program], capture_output=True, text=True, check=True, encoding="utf-8")
    assert json.loads(done.stdout) == [words.period(label) for label in labels] * 2


AT_THE_LEVEL = pytest.mark.parametrize(("p", "strong"), [(0.05, True), (np.nextafter(0.05, 1), False)])


@AT_THE_LEVEL
def test_the_page_of_a_run_at_the_level(tmp_path: Path, p: float, strong: bool):
    run, columns = small_run()
    for row in run["horizons"]:
        row["p_adjusted"] = p
    html = run_page(written(tmp_path, run, columns))
    assert ('<td class="strong">0.050<small>' in html, "<td>&gt;0.050<small>" in html) == (strong, not strong)
    assert "where it is at most 0.05, it is set in bold." in html


@AT_THE_LEVEL
def test_the_page_of_a_comparison_at_the_level(p: float, strong: bool):
    payload = comparison()
    payload["studies"][0]["horizons"][0]["p_adjusted"] = p
    html = compare_page(payload)
    assert ('<td class="strong">0.050</td>' in html, "<td>&gt;0.050</td>" in html) == (strong, not strong)


@AT_THE_LEVEL
def test_the_page_of_a_search_at_the_level(p: float, strong: bool):
    payload = tuning()
    for row in payload["sets"][2]["horizons"]:
        row["p_adjusted"] = p
    html = tune_page(payload)
    assert ('class="strong">0.050</td>' in html) == strong
    assert parse(html).data["starred"] == {"5": [2] * strong, "21": [2] * strong}


def test_a_p_that_is_printed_as_below_a_thousandth_is_so_in_the_charts():
    payload = tuning()
    payload["sets"][0]["horizons"][0]["p_value"] = 0.0009996  # to the nearest, it is 0.001
    assert parse(tune_page(payload)).data["horizons"]["5"]["p_value"][0] == 0
