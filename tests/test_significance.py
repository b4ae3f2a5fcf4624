"""One level, one comparison: a p of exactly 5% is told the same way everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.inference.result import Effect, HorizonResult, Inference, NullTest, Standardised, VarianceRatio
from backtest.inference.verdict import Looks, alone, verdict
from backtest.model import Horizon
from backtest.model.significance import LEVEL, stands_out
from backtest.report.kit.embed import ROOT
from backtest.report.render import _environment


@pytest.mark.parametrize(("p", "unlikely"), [(0.05, True), (0.0500001, False), (0.0, True)])
def test_verdict_rule_and_page_agree_at_the_level(p, unlikely):
    assert LEVEL == 0.05
    assert stands_out(p) is unlikely
    test = NullTest("", None, p, p, None, np.zeros(0))
    nothing = Effect(None, None, None, None), Standardised(None, None), VarianceRatio(None, None)
    result = HorizonResult(Horizon(5), 30, 0.01, Inference(test, *nothing))
    assert (
        verdict([Looks("small minus mega", [result], ())], 30, "spread").startswith("Unlikely to be chance") is unlikely
    )
    assert (alone(30, p) == "stands out, taken alone") is unlikely
    cell = '{% import "kit/parts.html.j2" as parts %}{{ parts.adjusted(p) }}'
    assert ("strong" in _environment().from_string(cell).render(p=p)) is unlikely


def test_no_page_and_no_script_has_a_level_of_its_own():
    for path in ROOT.rglob("*"):
        if path.suffix in (".js", ".j2", ".py"):
            assert "0.05" not in path.read_text(encoding="utf-8"), path
