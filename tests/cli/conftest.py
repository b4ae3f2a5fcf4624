"""The command line as a user meets it: arguments in; status, stdout and stderr out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backtest.cli import status_of


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Backtest = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of one's own, and the current folder."""
    (tmp_path / "backtest.toml").touch()
    (tmp_path / "strategies").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def backtest(folder: Path, capsys: pytest.CaptureFixture[str]) -> Backtest:
    def run(*arguments: str) -> Done:
        capsys.readouterr()
        status = status_of(arguments)
        out, err = capsys.readouterr()
        return Done(status, out, err)

    return run
