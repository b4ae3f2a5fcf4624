"""The one writer of files: whole or not at all."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from backtest.errors import BacktestError
from backtest.files import create_file, write_file, write_page

ROOT = Path(__file__).resolve().parents[1]
WRITERS = {"backtest/files.py": "the writer itself", "backtest/record/unfinished.py": "moves a whole folder into place"}
"""Modules that may make temporary files or folders, and why."""


def test_a_file_is_replaced_and_others_may_read_it(tmp_path):
    path = tmp_path / "new" / "a.txt"
    write_file(path, "one\n")
    write_file(path, "zwei – ü\n")
    assert path.read_bytes() == "zwei – ü\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in path.parent.iterdir()] == ["a.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_file(path, "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(path, "new")
    with pytest.raises(BacktestError, match=r"cannot write .*a\.txt: No space left on device\."):
        write_page(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_the_remains_of_pages_go_with_the_next_page_after_an_hour(tmp_path):
    for name in (".index.html-x1", ".20261126T145320Z.html-x2", ".index.html-new", ".notes-x3"):
        (tmp_path / name).write_text("half")
        if not name.endswith("new"):
            os.utime(tmp_path / name, (0, 0))
    write_page(tmp_path / "index.html", "whole")
    assert {one.name for one in tmp_path.iterdir()} == {"index.html", ".index.html-new", ".notes-x3"}


def test_a_file_that_is_there_is_not_created_again(tmp_path):
    path = tmp_path / "a.txt"
    create_file(path, "mine")
    with pytest.raises(FileExistsError):
        create_file(path, "other")
    assert path.read_text(encoding="utf-8") == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_nothing_else_writes_files():
    writing = re.compile(r"mkstemp|NamedTemporaryFile|mkdtemp|\.write_text\(|\.write_bytes\(|os\.replace\(")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "backtest").rglob("*.py")
        if writing.search(path.read_text(encoding="utf-8"))
    }
    assert found == WRITERS.keys()
