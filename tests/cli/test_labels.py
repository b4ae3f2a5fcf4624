"""``run --name --tag --note``, ``backtest tag``: labels live beside the record, which stays as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def whole(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "labels.json"}


@pytest.fixture
def run(backtest, folder: Path) -> Path:
    done = backtest("run", "streak5", "--no-trade", "--json", "--name", "base", "--tag", "a", "--tag", "b")
    return folder / "reports" / "streak5" / done.json["run_id"]


def labels(run: Path) -> dict[str, object]:
    return json.loads((run / "labels.json").read_text(encoding="utf-8"))


def test_a_run_has_the_labels_it_was_given_and_its_record_does_not_know_them(backtest, folder, run):
    assert labels(run) == {"schema": 1, "name": "base", "tags": ["a", "b"], "note": ""}
    assert '"base"' not in (run / "run.json").read_text(encoding="utf-8")
    plain = backtest("run", "streak5", "--no-trade", "--json").json
    assert not (folder / "reports" / "streak5" / plain["run_id"] / "labels.json").exists()
    assert backtest("show", "base", "--json").json["labels"] == labels(run)
    assert backtest("show", plain["run_id"], "--json").json["labels"]["name"] == ""


def test_tag_changes_labels_and_nothing_else(backtest, run):
    before = whole(run)
    out = backtest("tag", "base", "c", "a", "--remove", "b", "--note", "so  it\nis").out
    assert labels(run) == {"schema": 1, "name": "base", "tags": ["a", "c"], "note": "so it is"}
    assert "Labels: base #a #c" in out
    assert backtest("tag", run.name[-8:], "--name", "other", "--json").json["name"] == "other"
    assert backtest("show", "base").status == 1
    assert labels(run)["note"] == "so it is"
    index = run.parents[1] / "index.html"
    assert "so it is" in index.read_text(encoding="utf-8")
    assert backtest("tag", "other", "--no-name", "--remove", "a", "--remove", "c", "--note", "").status == 0
    assert not (run / "labels.json").exists()
    assert "so it is" not in index.read_text(encoding="utf-8")
    assert whole(run) == before


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["run", "streak5", "--name", "base"], "has this name. Choose another, or take it from that run: backtest tag"),
        (["tag", "streak5", "--name", "sample"], "--name sample: a dataset is called so."),
        (["tag", "streak5", "--name", "ratecut"], "--name ratecut: a strategy is called so."),
        (["run", "streak5", "--name", "0123abcd"], "--name 0123abcd: reads as the id of a run."),
        (["run", "streak5", "--name", "20240716T21"], "reads as the id of a run."),
        (["run", "streak5", "--tag", "a b"], "tag name 'a b' is not allowed."),
        (["tag", "base", "--remove", "z"], "--remove z: the run has no such tag."),
        (["tag", "bass"], "Did you mean 'base'?"),
    ],
)
def test_a_wrong_label_is_refused_and_nothing_is_recorded(backtest, run, arguments, line):
    before = sorted(run.parents[1].rglob("*"))
    done = backtest(*arguments)
    assert (done.status, done.out) == (1, "")
    assert line in done.err
    assert sorted(run.parents[1].rglob("*")) == before


def test_one_name_is_for_one_run(backtest):
    assert backtest("run", "streak5", "ratecut", "--name", "both").status == 2
    assert backtest("tag", "x", "--name", "a", "--no-name").status == 2


def test_a_run_may_keep_its_own_name(backtest, run):
    assert backtest("tag", "base", "--name", "base", "z").status == 0
    assert labels(run)["tags"] == ["a", "b", "z"]


def test_damaged_labels_are_named_and_the_run_is_still_shown(backtest, run):
    (run / "labels.json").write_text('{"schema": 1, "tags": 5}', encoding="utf-8")
    shown = backtest("show", run.name, "--json").json
    assert shown["labels"] is None
    assert shown["notes"][-1]["code"] == "labels_unreadable"
    assert "'tags' is not a list" in " ".join(backtest("show", run.name).out.split())
    assert "'tags' is not a list" in " ".join(backtest("list", "runs").out.split())
    assert backtest("run", "streak5", "--no-trade").status == 0
    assert backtest("tag", run.name).status == 1


def test_list_filters_by_strategy_tag_and_number(backtest, run):
    other = backtest("run", "ratecut", "--no-trade", "--json", "--tag", "a", "--set", "moves=2").json["run_id"]
    third = backtest("run", "streak5", "--no-trade", "--json", "--set", "sessions=4", "--set", "threshold=0.01").json

    def listed(*options: str) -> list[str]:
        return [row["run"] for row in backtest("list", "runs", "--json", *options).json["runs"]]

    assert set(listed()) == {run.name, other, third["run_id"]}
    assert set(listed("--tag", "a")) == {run.name, other}
    assert listed("--tag", "b") == [run.name]
    assert set(listed("--strategy", "str*")) == {run.name, third["run_id"]}
    assert listed("--strategy", "ratecut") == [other]
    assert len(listed("--limit", "2")) == 2
    rows = {row["run"]: row for row in backtest("list", "runs", "--json").json["runs"]}
    assert rows[third["run_id"]]["overrides"] == {"detector.sessions": 4}  # the threshold is the file's own
    assert rows[other]["overrides"] == {"detector.moves": 2.0}
    assert (rows[run.name]["name"], rows[run.name]["tags"], rows[run.name]["overrides"]) == ("base", ["a", "b"], {})
    out = backtest("list", "runs").out
    assert max(map(len, out.splitlines())) <= 80
    assert "base #a #b" in out
    assert "sessions = 4" in out
    assert backtest("list", "runs", "--tag", "nothing").out == "none such\n"
    assert backtest("list", "datasets", "--limit", "2").status == 2


def test_clean_shows_first_and_removes_on_request(backtest, folder, run):
    ids = [backtest("run", "streak5", "--no-trade", "--json").json["run_id"] for _ in range(3)]
    reports = folder / "reports" / "streak5"
    dry = backtest("clean", "--keep", "1", "--json").json
    assert ([row["run"] for row in dry["runs"]], dry["removed"]) == (ids[:2], False)
    assert dry["bytes"] == sum(path.stat().st_size for one in ids[:2] for path in (reports / one).iterdir())
    assert "nothing was removed yet; --yes removes them." in " ".join(backtest("clean", "--keep", "1").out.split())
    assert {path.name for path in reports.iterdir()} == {run.name, *ids}
    assert backtest("clean", "--keep", "1", "--yes").status == 0
    assert {path.name for path in reports.iterdir()} == {run.name, ids[2]}
    index = (folder / "reports" / "index.html").read_text(encoding="utf-8")
    assert f"{ids[0]}/" not in index
    assert f"{ids[2]}/" in index
    assert backtest("clean", "--keep", "1").out.endswith("Nothing to remove.\n")
    assert backtest("clean", "--keep", "-1").status == 2
