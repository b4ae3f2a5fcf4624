"""Recorded runs are made again, so that all of a comparison meets one joint null."""

from __future__ import annotations

import json
import shutil

import pytest

from backtest.comparison.adjusted import JOINT, joint_p_values
from backtest.comparison.again import strategy_of
from backtest.comparison.asked import Options
from backtest.comparison.gather import gather
from backtest.comparison.result import compare_json
from backtest.model.labels import Labels
from backtest.plan import make_plan
from backtest.record.sidecar import write_labels
from backtest.study.run import run_plan
from backtest.workspace import builtin

SAMPLE = Options(("sample",))


def recorded(workspace, name, overrides=None):
    return run_plan(make_plan(workspace, name, "sample", overrides)).save(workspace).name


@pytest.fixture
def pair(workspace):
    return recorded(workspace, "streak5"), recorded(workspace, "streak5", {"detector.sessions": 4})


def changed(workspace, run_id, change):
    path = next(workspace.reports.glob(f"*/{run_id}/run.json"))
    run = json.loads(path.read_text(encoding="utf-8"))
    change(run)
    path.write_text(json.dumps(run), encoding="utf-8")


def test_recorded_runs_give_the_p_that_the_same_studies_give_when_run_now(workspace, pair):
    now = gather(workspace, ["streak5"], Options(("sample",), {"detector.sessions": [5, 4]}))
    then = gather(workspace, pair, SAMPLE)
    assert all(entry.study is None and entry.found is not None for entry in then)
    assert joint_p_values(then) == joint_p_values(now)
    assert joint_p_values(then)[1] == JOINT
    first, second = compare_json(then), compare_json(now)
    for key in ("p_value", "p_adjusted", "difference", "n"):
        assert [row[key] for row in first["differences"]] == [row[key] for row in second["differences"]]
    assert first["shared"] == second["shared"]


def test_its_parameters_say_how_and_not_the_file_of_today(workspace, pair):
    text = (builtin("strategies") / "streak5.toml").read_text(encoding="utf-8")
    text = text.replace("sessions = 5", "sessions = 3")
    (workspace.root / "strategies" / "streak5.toml").write_text(text, encoding="utf-8")
    assert joint_p_values(gather(workspace, pair, SAMPLE))[1] == JOINT


@pytest.mark.parametrize("name", ["streak5", "rotation", "ratecut", "first_cut", "ytd", "surprise_cut", "three_up"])
def test_the_parameters_of_every_kind_make_the_same_study(workspace, name):
    plan = make_plan(workspace, name, "sample")
    run = {"strategy": name, "title": plan.strategy.title, "parameters": json.loads(json.dumps(plan.parameters))}
    assert make_plan(workspace, name, "sample").parameters == plan.parameters
    again = strategy_of(workspace, run)
    assert again.episodes == plan.strategy.episodes
    assert again.measure == plan.strategy.measure
    assert again.detector == plan.strategy.detector or run_plan(plan).summary["n_events"]


def test_several_assets_come_back(workspace):
    run_id = recorded(workspace, "streak5", {"measure.asset": ["small", "market_index"], "measure.benchmark": ""})
    entries = gather(workspace, [run_id, "rotation"], SAMPLE)
    assert [entry.asset for entry in entries] == ["small", "market_index", None]
    assert [entry.found.asset.name for entry in entries[:2]] == ["small", "market_index"]
    assert joint_p_values(entries)[1] == JOINT


def test_on_data_that_have_changed_holm_stands_and_says_why(workspace, pair):
    own = workspace.root / "datasets" / "sample"
    shutil.copytree(builtin("datasets") / "sample", own)
    lock = json.loads((own / "lock.json").read_text(encoding="utf-8"))
    lock["sha256"] = "0" * 64
    (own / "lock.json").write_text(json.dumps(lock), encoding="utf-8")
    entries = gather(workspace, pair, SAMPLE)
    _, how = joint_p_values(entries)
    assert how.startswith(f"by Holm's step-down, because run {pair[0]} cannot be made again: its data have changed")
    content = compare_json(entries)
    assert content["differences"][0]["p_value"] is None
    assert content["differences"][0]["reason"].endswith("its data have changed, or are no longer here")


def test_a_run_that_gives_other_numbers_today_is_not_used(workspace, pair):
    changed(workspace, pair[0], lambda run: run["horizons"][0].update(excess=run["horizons"][0]["excess"] + 1e-4))
    entries = gather(workspace, pair, SAMPLE)
    assert entries[0].found is None
    assert entries[1].found is not None
    assert "it gives other numbers today" in joint_p_values(entries)[1]


@pytest.mark.parametrize(
    "damage",
    [
        lambda run: run["events"].pop(),
        lambda run: run["parameters"].update({"detector.sessions": 6}),
        lambda run: run["parameters"].update({"detector.use": "gone.py"}),
        lambda run: run["parameters"].update({"detector.nothing": 1}),
        lambda run: run["horizons"][0].update(n=4),
        lambda run: run["horizons"][0].update(p_value=0.5),
    ],
)
def test_a_record_that_is_not_what_it_says_is_compared_without_its_shifts(workspace, pair, damage):
    changed(workspace, pair[0], damage)
    entries = gather(workspace, pair, SAMPLE)
    assert entries[0].found is None
    assert f"run {pair[0]}" in joint_p_values(entries)[1]


def test_a_run_of_an_earlier_version_has_no_interval(workspace, pair):
    def older(run):
        run["robustness"] = None
        for row in run["horizons"]:
            row.update(dict.fromkeys(("ci_low", "ci_high", "mde")))
            for key in ("doubt", "remarks", "kept"):
                row.pop(key, None)

    changed(workspace, pair[0], older)
    content = compare_json(gather(workspace, pair, SAMPLE))
    assert next(row for row in content["ranking"] if row["at"] == 0)["ci_low"] is None
    assert next(row for row in content["ranking"] if row["at"] == 1)["ci_low"] is not None
    assert "Holm" not in " ".join(note["text"] for note in content["notes"])


def test_a_run_is_called_by_the_name_that_it_was_given(workspace, pair):
    write_labels(next(workspace.reports.glob(f"*/{pair[0]}")), Labels(name="base"))
    content = compare_json(gather(workspace, ["base", pair[1]], SAMPLE))
    assert [study["label"] for study in content["studies"]] == ["streak5 (base)", f"streak5 ({pair[1][-8:]})"]
