"""What the shell completes, asked as the shell asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from backtest.cli.completion import complete_settings


def completed(folder: Path, line: str) -> list[str]:
    """Complete the last word of a command line as bash does."""
    words = line.split(" ")
    environment = os.environ | {
        "_BACKTEST_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "from backtest.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return [row.partition(",")[2] for row in done.stdout.splitlines() if row]


def test_strategies_datasets_and_runs_are_completed(backtest, folder):
    run = backtest("run", "streak5", "--no-trade", "--json", "--name", "strong").json["run_id"]
    assert completed(folder, "backtest run streak") == ["streak5", "streak5_panel"]
    assert completed(folder, "backtest run streak5 --dataset us") == ["us-french", "us-size", "us-stocks"]
    assert completed(folder, "backtest show st") == ["streak5", "streak5_panel", "strong"]
    assert completed(folder, f"backtest report {run[-8:-4]}") == [run[-8:]]
    assert completed(folder, "backtest compare rot") == ["rotation"]
    assert completed(folder, "backtest cl") == ["clean", "claims"]
    for command in ("export", "verify"):
        assert completed(folder, f"backtest {command} {run[-8:-4]}") == [run[-8:]]


def asked(*names, incomplete):
    context = SimpleNamespace(params={"names": names}, args=[])
    return [item.value for item in complete_settings(context, None, incomplete)]


def test_keys_of_the_strategy_that_is_named_are_completed(folder):
    assert asked("streak5", incomplete="detector.se") == ["detector.series=", "detector.sessions="]
    assert asked("nope", "rotation", incomplete="episodes.c") == ["episodes.cooldown="]
    assert asked("nope", incomplete="") == asked(incomplete="") == []
    assert completed(folder, "backtest tune streak5 --grid detector.thr") == ["detector.threshold="]


def test_a_key_press_never_runs_the_users_own_detector(folder):
    (folder / "strategies" / "own.py").write_text("raise SystemExit('ran')", encoding="utf-8")
    text = 'schema = 1\ntitle = "T"\n[detector]\nuse = "own.py"\n'
    (folder / "strategies" / "own.toml").write_text(text, encoding="utf-8")
    (folder / "strategies" / "broken.toml").write_text("[", encoding="utf-8")
    assert asked("own", incomplete="") == asked("broken", incomplete="") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(tmp_path, shell):
    environment = os.environ | {"_BACKTEST_COMPLETE": f"{shell}_source"}
    code = "from backtest.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    if "Bash version" in done.stderr or "bash" in done.stderr:
        pytest.skip("click asks bash for its version, and there is none")
    assert "_BACKTEST_COMPLETE" in done.stdout


def test_a_workspace_that_cannot_be_read_completes_nothing(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[", encoding="utf-8")
    assert completed(tmp_path, "backtest run str") == []
