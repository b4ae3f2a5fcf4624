"""What the reader sees is executed: the README's commands print what it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest

from backtest._version import __version__
from backtest.cli import cli
from backtest.data.firewall.exchange import exchange_of
from backtest.spec.strategy import load_strategy
from backtest.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


def backtest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from backtest.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def settled(text: str) -> list[str]:
    """Lines without the run's id, and without the folder that a path begins with."""
    text = re.sub(r"\S*/(strategies/\w+\.toml)", r"\1", text)
    text = re.sub(r"^Run: [0-9a-f]{8}$", "Run: SHORT", RUN_ID.sub("RUN-ID", text), flags=re.MULTILINE)
    return [line.rstrip() for line in text.strip().splitlines()]


def test_first_command_prints_what_the_readme_shows(tmp_path: Path):
    first = re.search(r"```console\n\$ (.*)\n```", README)
    shown = re.search(r"```text\n(.*?)```", README, re.DOTALL)
    assert first is not None
    assert shown is not None
    install, _, command = first[1].partition(" && ")
    assert install == "pip install -e ."
    done = backtest(tmp_path, *command.split()[1:])
    assert done.returncode == 0, done.stderr
    assert settled(done.stdout) == settled(shown[1])
    report = tmp_path / done.stdout.strip().splitlines()[-1].removeprefix("Report: ")
    assert report.stat().st_size > 100_000


def test_every_other_command_block_prints_what_it_shows(tmp_path: Path):
    blocks = re.findall(r"```console\n\$ (backtest [^\n]*)\n(.+?)```", README, re.DOTALL)
    assert blocks, "the README shows no command with its output"
    for command, shown in blocks:
        done = backtest(tmp_path, *command.split()[1:])
        assert settled(" ".join((done.stdout + done.stderr).split())) == settled(" ".join(shown.split()))


def test_strategy_and_detector_of_the_readme_run(tmp_path: Path):
    toml = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    python = re.search(r"```python\n(def detect.*?)```", README, re.DOTALL)
    assert toml is not None
    assert python is not None
    (tmp_path / "backtest.toml").touch()
    folder = tmp_path / "strategies"
    folder.mkdir()
    (folder / "slump.toml").write_text(toml[1], encoding="utf-8")
    (folder / "slump.py").write_text(python[1], encoding="utf-8")
    own = '[detector]\nuse = "slump.py"\nsessions = 63\n'
    (folder / "own.toml").write_text('schema = 1\ntitle = "Own"\n' + own, encoding="utf-8")
    assert load_strategy(folder / "slump.toml").tune
    done = backtest(tmp_path, "run", "slump", "own", "--no-trade")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Report: ") == 2


def test_python_example_runs():
    example = re.search(r"```python\n(from backtest import.*?)```", README, re.DOTALL)
    assert example is not None
    names: dict[str, object] = {}
    code = example[1].replace('"streak5", ', '"streak5", trade=False, ')
    exec(compile(code, "README.md", "exec"), names)
    assert len(names["study"].events) > 5  # type: ignore[attr-defined]


def every_command(group: click.Group = cli, prefix: str = "backtest") -> list[str]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        path = f"{prefix} {name}"
        found += every_command(command, path) if isinstance(command, click.Group) else [path]
    return found


@pytest.mark.parametrize("command", every_command())
def test_every_command_is_in_the_readme(command: str):
    assert f"`{command}" in README or f", `{command.partition(' ')[2]}" in README


@pytest.mark.parametrize("command", every_command())
def test_every_command_has_help(command: str, tmp_path: Path):
    done = backtest(tmp_path, *command.split()[1:], "--help")
    assert done.returncode == 0
    assert "Usage: backtest" in done.stdout
    assert len(done.stdout.splitlines()) > 5
    assert "\\b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


def test_ci_calls_the_test_command_of_the_readme():
    commands = re.findall(r"```console\n\$ (.*?)\n", README)
    assert commands[1].endswith("python -m pytest -n auto")
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_pictures_and_links_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("https://"):
            assert (ROOT / target).is_file(), target


def test_changelog_has_an_entry_for_the_version_in_the_making():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changes or f"## [{__version__}]" in changes


def test_the_page_about_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    module = tmp_path / "page.py"  # in a file, so that its function has a source
    module.write_text("\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), encoding="utf-8")
    done = subprocess.run([sys.executable, module], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class TestBringYourOwnData:
    """docs/bring-your-own-data.md, command by command, on files as Yahoo wrote them."""

    TEXT = (ROOT / "docs" / "bring-your-own-data.md").read_text(encoding="utf-8")

    def test_files(self, tmp_path: Path):
        (tmp_path / "prices").mkdir()
        for seed, path in enumerate(("spy.csv", "prices/small.csv", "prices/mega.csv")):
            text = _as_yahoo_wrote(seed)
            if path == "spy.csv":  # as Stooq writes it: without an adjusted close
                text = re.sub(r"^((?:[^,]*,){5})[^,]*,", r"\1", text, flags=re.MULTILINE)
            (tmp_path / path).write_text(text)
        commands = re.findall(r"^\$ backtest (.*)$", self.TEXT, re.MULTILINE)
        assert len(commands) == 5
        roles = re.search(r"```toml\n(.*?)```", self.TEXT, re.DOTALL)
        tried = re.search(r"```text\n(.*?)```", self.TEXT, re.DOTALL)
        assert roles is not None
        assert tried is not None
        for number, command in enumerate(commands):
            if number == 3:
                manifest = tmp_path / "datasets" / "mine" / "manifest.toml"
                head, calendar, rest = manifest.read_text().partition("\n# Assign the roles")
                manifest.write_text(f"{head}\n{roles[1]}{calendar}{rest}")
            done = backtest(tmp_path, *command.split())
            assert done.returncode == 0, done.stderr
            if number == 0:
                assert done.stdout.endswith(tried[1])
            if command.startswith("run"):
                assert "Report: " in done.stdout

    def test_python(self, tmp_path: Path):
        module = tmp_path / "page.py"
        module.write_text("\n".join(re.findall(r"```python\n(.*?)```", self.TEXT, re.DOTALL)), encoding="utf-8")
        done = subprocess.run([sys.executable, module], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "2 events" in done.stdout


def _as_yahoo_wrote(seed: int) -> str:
    """Three years of a random walk on the sessions of New York, with dividends in the adjusted close."""
    first, last = np.datetime64("2019-01-02"), np.datetime64("2021-12-31")
    days = exchange_of("XNYS", first, last).expected(first, last)
    moves = np.random.default_rng(seed).normal(0.001, 0.025, len(days))
    closes = 100 * np.exp(np.cumsum(moves))
    adjusted = closes * np.linspace(0.95, 1.0, len(days))
    rows = [
        f"{day},{c:.4f},{c * 1.01:.4f},{c * 0.99:.4f},{c:.4f},{a:.4f},1000"
        for day, c, a in zip(days, closes, adjusted, strict=True)
    ]
    return "\n".join(["Date,Open,High,Low,Close,Adj Close,Volume", *rows]) + "\n"


def test_the_commands_of_the_workspace_page_work(tmp_path: Path):
    text = (ROOT / "docs" / "workspace.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    commands = [line for line in lines if line.startswith("backtest ")]
    assert len(commands) >= 7
    (tmp_path / "backtest.toml").touch()
    for command in commands:
        arguments = shlex.split(command, comments=True)[1:]
        if "efe990dd" in arguments:  # whatever the hash is on this machine
            (run,) = (tmp_path / "reports" / "streak5").glob("*Z-*")
            arguments = [run.name[-8:] if one == "efe990dd" else one for one in arguments]
        done = backtest(tmp_path, *arguments)
        assert done.returncode == 0 or "--all" in arguments, (command, done.stderr)  # not every strategy has events


def test_the_keys_of_the_workspace_page_are_read(tmp_path: Path):
    text = (ROOT / "docs" / "workspace.md").read_text(encoding="utf-8")
    own, project = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    assert Workspace.find(tmp_path).default_dataset() == "us-size"
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "backtest.toml").write_text(own, encoding="utf-8")
    assert Workspace.find(tmp_path).default_dataset() == "us-size"
