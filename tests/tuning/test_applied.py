"""The recommended set as a strategy: it runs, gives the set's figures, and says where it came from."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from backtest.cli import cli
from backtest.errors import StrategyInvalid, StudyRefused
from backtest.plan import plan_on
from backtest.spec.strategy import load_strategy
from backtest.study.run import run_plan
from backtest.tuning.applied import apply_set, path_for
from backtest.tuning.evidence_of_search import gather

CLAIM = "\n[claim]\nsaid = 'Marks bring luck'\nnumber = 1\non = 2001-01-01\nbasis = 'M'\nopen = true\n"


def test_the_new_strategy_gives_what_the_set_gave_and_says_where_it_came_from(search_of, workspace):
    found = search_of(more=CLAIM, effect=0.02)
    of = gather(found, "excess", 1)
    target = path_for(workspace, found.plan.strategy.path, "better")
    apply_set(found, of, "tune-ID", target)
    strategy = load_strategy(target)
    chosen = of.recommended.chosen
    p = round(float(found.p_adjusted[chosen, 1]), 6)
    origin = strategy.origin
    assert (origin.strategy, origin.dataset, origin.search, origin.set) == ("marked", "made", "tune-ID", chosen + 1)
    assert (origin.sets, origin.looks, origin.horizon, origin.p_adjusted) == (6, 12, 3, p)
    assert strategy.claim == []
    assert "tuned: least = " in strategy.title
    study = run_plan(plan_on(found.plan.dataset, workspace, "better"))
    assert study.summary["horizons"][1]["excess"] == found.excess[chosen, 1]
    told = next(note["text"] for note in study.summary["notes"] if note["code"] == "origin")
    assert told.startswith(f"Chosen on {origin.on} among 6 sets and 12 looks: set {chosen + 1} of the search tune-ID")
    assert told.endswith("the same data chose it and judge it.")
    assert "same data" not in origin.told("other")


def test_nothing_is_overwritten_and_nothing_is_written_without_a_recommendation(search_of, workspace):
    found = search_of({"detector.least": [9.0]})
    for name, told in (("marked", "exists"), ("streak5", "exists"), ("a/b", "not a name"), ("../a", "not a name")):
        with pytest.raises(StrategyInvalid, match=told):
            path_for(workspace, found.plan.strategy.path, name)
    target = path_for(workspace, found.plan.strategy.path, "new")
    with pytest.raises(StudyRefused, match="no set has enough events"):
        apply_set(found, gather(found, "excess", 1), "tune-ID", target)
    assert not target.exists()


def test_the_command_tells_prints_and_applies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    common = ["tune", "streak5", "--dataset", "sample", "--set", "measure.horizons=[5,21]", "--grid", "sessions=2,3"]
    done = run(cli, [*common, "--grid", "threshold=0.002,0.004", "--json", "--blocks", "4", "--apply", "mine"])
    assert done.exit_code == 0, done.output
    content = json.loads(done.stdout)
    assert [len(content["walk_forward"]["blocks"]), content["own"]] == [3, None]
    assert content["recommended"]["command"].startswith("backtest run streak5 --dataset sample --set")
    cell = content["sets"][0]["horizons"][0]
    assert cell["ci_low"] < cell["excess"] < cell["ci_high"]
    page = (tmp_path / "reports" / "streak5" / content["run_id"] / "report.html").read_text(encoding="utf-8")
    assert content["finding"] in page
    again = run(cli, ["run", "mine", "--dataset", "sample", "--no-trade", "--json"])
    assert json.loads(again.stdout)["notes"][1]["code"] == "origin"
    with pytest.raises(StrategyInvalid, match="exists and is not overwritten"):
        run(cli, [*common, "--apply", "mine"], catch_exceptions=False)


def test_a_trade_that_is_not_there_is_asked_for(search_of):
    with pytest.raises(StudyRefused, match=r"has no \[trade\] table"):
        gather(search_of(), "sharpe", 0)


def test_a_file_that_was_written_meanwhile_is_not_overwritten(search_of, workspace):
    found = search_of(effect=0.02)
    of = gather(found, "excess", 1)
    target = path_for(workspace, found.plan.strategy.path, "better")
    target.write_text("another search wrote this")
    with pytest.raises(StrategyInvalid, match=r"--apply better: .* exists and is not overwritten"):
        apply_set(found, of, "tune-ID", target)
    assert target.read_text() == "another search wrote this"
