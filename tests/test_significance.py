"""One level, one comparison: a p of exactly 5% is told the same way everywhere."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from backtest.format import percent, points, probability
from backtest.inference.result import HorizonResult, NullTest
from backtest.inference.verdict import alone, verdict
from backtest.model.significance import LEVEL, stands_out
from backtest.report.kit.embed import ROOT
from backtest.report.render import _environment

NUMBERS = [None, 0.0, 0.0004, 0.001, 0.0113, 0.05, 0.0996, 0.374, 0.9996, 1.0, -0.0321, 0.0321, -0.00001, 12.3456]


@pytest.mark.parametrize(("p", "unlikely"), [(0.05, True), (0.0500001, False), (0.0, True)])
def test_verdict_rule_and_page_agree_at_the_level(p, unlikely):
    assert LEVEL == 0.05
    assert stands_out(p) is unlikely
    result = HorizonResult(5, 30, 0.01, NullTest("", None, p, p, None, np.zeros(0)))
    assert verdict([result], 30, "small", "mega").startswith("Unlikely to be chance") is unlikely
    assert (alone(30, p) == "stands out, taken alone") is unlikely
    cell = '{% import "kit/parts.html.j2" as parts %}{{ parts.adjusted(p) }}'
    assert ("strong" in _environment().from_string(cell).render(p=p)) is unlikely


def test_no_page_and_no_script_has_a_level_of_its_own():
    for path in ROOT.rglob("*"):
        if path.suffix in (".js", ".j2", ".py") and "echarts" not in path.parts:
            assert "0.05" not in path.read_text(encoding="utf-8"), path


def test_scripts_write_numbers_as_tables_do(tmp_path: Path):
    script = (ROOT / "kit" / "words.js").read_text(encoding="utf-8")
    script += f"\nconst given = {json.dumps(NUMBERS)};\n"
    script += "console.log(JSON.stringify(given.map((x) => [probability(x), percent(x), points(x)])));\n"
    path = tmp_path / "words.js"
    path.write_text(script, encoding="utf-8")
    try:
        done = subprocess.run(["node", path], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("Node.js, which runs the page's scripts outside a browser, is not on this machine")
    mine = [[probability(x), percent(x), points(x)] for x in NUMBERS]
    assert json.loads(done.stdout) == mine
