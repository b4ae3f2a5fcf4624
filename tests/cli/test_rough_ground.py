"""Pipes that close, terminals that cannot show a minus, folders that may not be written to, damaged records."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "backtest"]


def test_a_run_piped_into_head_is_recorded_all_the_same(folder: Path):
    line = " ".join([*COMMAND, "run", "streak5", "--no-trade", "|", "head", "-1"])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(list((folder / "reports" / "streak5").glob("*/report.html"))) == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_a_pipe_cannot_encode_is_written_plainly(folder: Path, encoding: str):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [*COMMAND, "run", "streak5", "--no-trade"], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"-0.04 pp" in done.stdout
    assert "−" not in done.stdout.decode(encoding)


@pytest.mark.parametrize("columns", ["0", "20", "79"])
def test_no_number_is_cut_in_a_narrow_terminal(backtest, monkeypatch: pytest.MonkeyPatch, columns: str):
    wide = backtest("run", "streak5", "--no-trade").out
    monkeypatch.setenv("COLUMNS", columns)
    narrow = backtest("run", "streak5", "--no-trade").out
    row = next(line for line in wide.splitlines() if line.lstrip().startswith("252 "))
    assert row in narrow.splitlines()


def test_a_long_path_stays_on_one_line(backtest, folder: Path, monkeypatch: pytest.MonkeyPatch):
    deep = folder / ("a-rather-long-name-of-a-folder-" * 3) / "and-one-more"
    deep.mkdir(parents=True)
    path = deep / "streak5x.toml"
    path.write_text('schema = 1\ntitle = "T"\n[detector]\nuse = "streak"\n', encoding="utf-8")
    monkeypatch.chdir(deep)
    assert f"File: {path.name}" in backtest("show", str(path.name)).out.splitlines()
    monkeypatch.chdir(folder)
    assert f"File: {path.relative_to(folder)}" in backtest("show", str(path)).out.splitlines()


@pytest.mark.parametrize(
    "content", ["{}", '{"schema": 1}', '{"schema": true}', '{"schema": 1, "dataset": 5}', "[1]", "", "\x00"]
)
def test_a_damaged_run_disturbs_no_other(backtest, folder: Path, content: str):
    damaged = backtest("run", "streak5", "--no-trade", "--json").json
    (folder / damaged["files"]["run"]).write_text(content, encoding="utf-8")
    assert backtest("run", "rotation", "--no-trade").status == 0
    assert backtest("list", "runs").status == 0
    for command in (
        ["report", damaged["run_id"]],
        ["show", damaged["run_id"]],
        ["compare", damaged["run_id"], "rotation"],
    ):
        done = backtest(*command)
        assert done.status == 1
        assert len(done.err.splitlines()) == 1


def test_a_table_in_the_place_of_another_is_refused(backtest, folder: Path):
    files = backtest("run", "streak5", "--no-trade", "--json").json["files"]
    (folder / files["horizons"]).write_bytes((folder / files["paths"]).read_bytes())
    done = backtest("report", "streak5")
    assert done.status == 1
    assert "horizons.parquet: is not as it was recorded" in done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_a_refusal(backtest, folder: Path):
    folder.chmod(0o500)
    try:
        done = backtest("compare", "streak5", "rotation")
    finally:
        folder.chmod(0o700)
    assert done.status == 1


@pytest.mark.parametrize(
    "arguments", [["run", "streak5", "--no-trade"], ["compare", "streak5", "rotation"], ["tune", "rotation"]]
)
def test_a_file_where_a_folder_should_be_is_a_refusal(backtest, folder: Path, arguments: list[str]):
    (folder / "reports").write_text("in the way", encoding="utf-8")
    done = backtest(*arguments)
    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    assert "reports" in done.err
    assert not list(folder.rglob(".unfinished-*"))


def test_runs_of_the_same_second_all_are_recorded(folder: Path):
    def run(_: int) -> subprocess.CompletedProcess[str]:
        command = [*COMMAND, "run", "streak5", "--no-trade", "--json"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(run, range(3)))
    assert [one.returncode for one in done] == [0, 0, 0], [one.stderr for one in done]
    ids = {json.loads(one.stdout)["run_id"] for one in done}
    assert len(ids) == 3
    assert {path.name for path in (folder / "reports" / "streak5").iterdir()} == ids


def test_of_several_the_others_are_recorded_where_one_has_no_event(backtest, folder: Path):
    text = 'schema = 1\ntitle = "Never"\n[detector]\nuse = "streak"\nthreshold = 0.9\n'
    (folder / "strategies" / "never.toml").write_text(text, encoding="utf-8")
    done = backtest("run", "streak5", "never", "--no-trade", "--json")
    assert done.status == 1
    assert [run["strategy"] for run in done.json["runs"]] == ["streak5"]
    assert [path.name for path in (folder / "reports").iterdir() if path.is_dir()] == ["streak5"]


def test_a_trade_that_cannot_be_simulated_is_a_note_and_the_study_stands(backtest, monkeypatch: pytest.MonkeyPatch):
    from backtest.errors import StudyRefused

    def refuse(*_: object) -> None:
        raise StudyRefused("the trade cannot be simulated: entered on 2000-01-21, it loses the whole account.")

    monkeypatch.setattr("backtest.study.trading.simulate", refuse)
    run = backtest("run", "streak5", "--json").json
    assert run["trade"] is None
    assert [note["text"] for note in run["notes"] if note["about"] == "trade"] == [
        "The trade cannot be simulated: entered on 2000-01-21, it loses the whole account."
    ]
    assert "Trade: The trade cannot be simulated" in " ".join(backtest("run", "streak5").out.split())


@pytest.mark.parametrize("name", [".", "index.html", "compare", "a b", "\udcff"])
def test_a_strategys_name_must_be_a_word(backtest, folder: Path, name: str):
    text = 'schema = 1\ntitle = "T"\n[detector]\nuse = "streak"\nsessions = 3\n'
    (folder / "strategies" / f"{name}.toml").write_text(text, encoding="utf-8")
    done = backtest("run", name, "--no-trade")
    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    assert backtest("list").status == 0


def test_a_date_is_a_parameter_like_any_other(backtest, folder: Path):
    code = (
        "import datetime as dt\nimport numpy as np\n"
        "def detect(prices, *, first: dt.date = dt.date(2000, 1, 3)):\n"
        "    return prices.sessions == np.datetime64(first)\n"
    )
    (folder / "strategies" / "day.py").write_text(code, encoding="utf-8")
    text = 'schema = 1\ntitle = "A day"\n[detector]\nuse = "day.py"\n'
    (folder / "strategies" / "day.toml").write_text(text, encoding="utf-8")
    run = backtest("run", "day", "--no-trade", "--json", "--set", "detector.first=2000-01-04").json
    assert run["parameters"]["detector.first"] == "2000-01-04"
    assert run["events"][0]["day0"] == "2000-01-04"


def test_one_study_is_not_compared_with_itself(backtest):
    run = backtest("run", "streak5", "--no-trade", "--json").json["run_id"]
    for pair in ([run, "streak5"],):
        done = backtest("compare", *pair)
        assert done.status == 1
        assert "are the same study, on the same data" in done.err


def test_a_key_given_twice_is_wrong_usage(backtest):
    assert backtest("run", "streak5", "--set", "detector.sessions=3", "--set", "detector.sessions=4").status == 2


def test_only_what_changes_the_finding_can_be_tuned(backtest):
    done = backtest("tune", "streak5", "--grid", "trade.hold=5,10")
    assert done.status == 1
    assert "'trade.hold' cannot be tuned" in done.err
