"""Claims that cannot be judged, for a detector that looks ahead or a fault in the file; the others are judged."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.claims.export import claim_json
from backtest.claims.judge import JudgeContext, judge
from backtest.claims.result import claims_json
from backtest.errors import BacktestError
from backtest.plan import plan_on
from backtest.report.pages.claims.page import claims_page
from backtest.spec.claim import ClaimTable

AHEAD = """
import numpy as np

from backtest.model import Condition, Indicator


def detect(prices, *, series: str = "M", sessions: int = 1):
    \"\"\"Flag a session before one that is marked; with 0 sessions, the one that is.\"\"\"
    values = prices.close(series)
    shifted = np.append(values[sessions:], np.zeros(sessions))
    return Condition(shifted >= 1, values == values, Indicator("mark", "1", shifted))
"""
STRATEGY = """
schema = 1
title = "Ahead"
[detector]
use = "ahead.py"
[measure]
asset = "A"
benchmark = "B"
horizons = [1, 3]
"""
ON = dt.date(2000, 1, 14)
VALUE = {"name": "mark", "find": "value", "about": 7.0, "tolerance": 0.1}
CLAIM = '[claim]\nsaid = "words"\non = 2024-07-16\n'
FIGURE = '[[claim.figures]]\nname = "n"\nfind = "value"\nabove = 0.0\n'


@pytest.fixture
def ahead(history_of, dataset_of, workspace):
    """A detector that sees the next session, on a history whose session after 2000-01-14 is marked 7."""
    folder = workspace.root / "strategies"
    (folder / "ahead.py").write_text(AHEAD, encoding="utf-8")
    (folder / "ahead.toml").write_text(STRATEGY, encoding="utf-8")
    marks = np.zeros(80)
    marks[10::7] = 7.0
    columns = {"A": np.arange(100.0, 180.0), "B": np.arange(200.0, 280.0), "M": marks}
    data = dataset_of(history_of(columns, kinds={"M": "rate"}))
    return plan_on(data, workspace, "ahead"), JudgeContext()


def claim(**keys):
    return ClaimTable.model_validate({"said": "s", "on": ON, "basis": "own", **keys})


WHY = "detector (ahead.py) looks ahead: its answer on "


@pytest.mark.parametrize("keys", [{"figures": [VALUE]}, {"open": True}])
def test_what_looks_ahead_bears_nothing_out_and_publishes_nothing(ahead, keys):
    judged = claim_json(judge(claim(**keys), *ahead))
    assert judged["verdict"] == "cannot be checked"
    assert judged["why"].startswith(WHY)
    assert judged["why"].endswith("'backtest audit ahead' says more.")
    assert (judged["horizons"], judged["study"]) == ([], None)
    assert [result["found"] for figure in judged["figures"] for result in figure["results"]] == [None] * len(
        judged["figures"]
    )


def test_every_basis_is_sampled_by_itself(ahead):
    honest = {"name": "as it is", "set": {"detector.sessions": 0}}
    none = {**VALUE, "about": 0.0}
    judged = claim_json(judge(claim(figures=[none], bases=[honest]), *ahead))
    assert (judged["verdict"], judged["basis"]) == ("holds on another basis", "as it is")
    own, other = judged["figures"][0]["results"]
    assert own["why"].startswith(WHY)
    assert (other["found"], other["why"]) == (0.0, None)


RANDOM = """
import numpy as np

def detect(prices):
    \"\"\"Flag what it likes.\"\"\"
    return np.random.default_rng().random(len(prices)) > 0.5
"""


def test_what_could_not_be_sampled_is_said_beside_the_answer(ahead):
    plan, bench = ahead
    (plan.strategy.path.parent / "ahead.py").write_text(RANDOM, encoding="utf-8")
    again = plan_on(plan.dataset, plan.workspace, "ahead")
    judged = claim_json(judge(claim(open=True), again, bench))
    assert judged["verdict"] == "open"
    assert "could not be sampled for look-ahead: " in judged["cautions"][0]


@pytest.fixture
def write(workspace):
    def build(name, text, **files):
        folder = workspace.root / "strategies"
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        for stem, content in files.items():
            (folder / f"{stem}.py").write_text(content, encoding="utf-8")

    return build


HEAD = 'schema = 1\ntitle = "T"\n[detector]\nuse = '
FAULTS = {
    "over": (f'{HEAD}"streak"\n{CLAIM}{FIGURE}over = "nothere"\n', {}, "there is no condition 'nothere' to measure"),
    "basis": (
        f'{HEAD}"streak"\n{CLAIM}{FIGURE}[[claim.bases]]\nname = "b"\nset = {{ "detector.sesions" = 2 }}\n',
        {},
        "detector.sesions = 2: unknown key. Did you mean 'sessions'?",
    ),
    "syntax": (f'{HEAD}"wrong.py"\n{CLAIM}{FIGURE}', {"wrong": "def detect(:\n"}, "wrong.py"),
    "raises": (
        f'{HEAD}"wrong.py"\n{CLAIM}{FIGURE}',
        {"wrong": "def detect(prices):\n    raise RuntimeError('oh')\n"},
        "RuntimeError",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_claim_is_listed_with_its_reason_and_stops_no_other(workspace, write, fault):
    text, files, reason = FAULTS[fault]
    write("faulty", text, **files)
    content = claims_json(workspace, (), "sample")
    (one,) = [claim for claim in content["claims"] if claim["strategy"] == "faulty"]
    assert one["verdict"] == "cannot be checked"
    assert reason in one["why"]
    assert one["said"] == "words"
    assert "holds" in [claim["verdict"] for claim in content["claims"] if claim["strategy"] == "streak5"]
    assert "faulty" in claims_page(content)
    with pytest.raises(BacktestError):
        claims_json(workspace, ("faulty",), "sample")
