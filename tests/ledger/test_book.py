"""The file of the ledger: nothing that was entered is lost, whoever is killed, and whoever writes at the same time."""

from __future__ import annotations

import errno
import os
import random
import signal
import time
from pathlib import Path

import pytest

from backtest.errors import BacktestError
from backtest.ledger import book
from backtest.ledger.book import FILE, LOCK, add_line, read_book

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
STAMP = {
    "at": "2026-01-05T10:00:00Z",
    "question": ["streak5", "us-size"],
    "kind": "run",
    "strategy": "streak5",
    "dataset": "us-size",
    "data_sha256": "0" * 64,
    "study": "1f2e3d4c",
    "last": "2025-12-31",
    "looks": [],
}


def add(root: Path, study: str = "1f2e3d4c"):
    return add_line(root, lambda _chain: {**STAMP, "study": study})


def studies(root: Path) -> list[str]:
    chain = read_book(root)
    assert chain.faults == ()
    return [entry["study"] for entry in chain.entries]


def test_lines_come_back_as_they_were_added(tmp_path):
    for name in ("a", "b", "c"):
        chain = add(tmp_path, name)
    assert chain.entries == read_book(tmp_path).entries
    assert studies(tmp_path) == ["a", "b", "c"]


def test_no_ledger_is_an_empty_one(tmp_path):
    assert read_book(tmp_path).entries == ()
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_add_writes_nothing(tmp_path):
    add_line(tmp_path, lambda _chain: None)
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("left", [1, 40, 200])
def test_an_interrupted_line_is_replaced_and_no_other(tmp_path, left):
    add(tmp_path, "a")
    path = tmp_path / FILE
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:left])
    chain = read_book(tmp_path)
    assert (chain.lines, chain.torn, chain.faults) == (1, left, ())
    add(tmp_path, "b")
    assert studies(tmp_path) == ["a", "b"]


def test_an_interrupted_line_that_is_longer_than_the_next_leaves_nothing(tmp_path):
    add(tmp_path, "a")
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes() + b'{"line":2,' + b"x" * 5000)
    add(tmp_path, "b")
    assert read_book(tmp_path).torn == 0
    assert studies(tmp_path) == ["a", "b"]


def test_a_line_that_lacks_only_its_end_is_kept(tmp_path):
    add(tmp_path, "a")
    add(tmp_path, "b")
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-1])
    assert studies(tmp_path) == ["a", "b"]
    add(tmp_path, "c")
    assert studies(tmp_path) == ["a", "b", "c"]


def test_lines_lost_at_the_end_are_noticed_and_stay_noticed(tmp_path):
    for name in ("a", "b", "c"):
        add(tmp_path, name)
    path = tmp_path / FILE
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))
    said = "line 2 is missing: 3 lines had been written"
    assert [str(fault) for fault in read_book(tmp_path).faults] == [said]
    add(tmp_path, "d")  # which is now the last
    add(tmp_path, "e")
    (fault,) = read_book(tmp_path).faults
    assert (fault.line, said in fault.why) == (2, True)


def test_a_cut_last_line_that_had_been_complete_is_damage(tmp_path):
    add(tmp_path, "a")
    add(tmp_path, "b")
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-30])
    assert [str(fault) for fault in read_book(tmp_path).faults] == ["line 2 is missing: 2 lines had been written"]


def test_a_deleted_ledger_is_noticed(tmp_path):
    add(tmp_path)
    (tmp_path / FILE).unlink()
    assert [fault.line for fault in read_book(tmp_path).faults] == [1]


def test_another_ledger_in_its_place_is_noticed(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    add(tmp_path, "a")
    add(other, "b")
    (tmp_path / FILE).write_bytes((other / FILE).read_bytes())
    assert [str(fault) for fault in read_book(tmp_path).faults] == ["line 1 is not the line that was written there"]


def test_a_ledger_that_came_alone_is_trusted_as_a_chain(tmp_path):
    add(tmp_path)
    (tmp_path / LOCK).unlink()
    assert studies(tmp_path) == ["1f2e3d4c"]
    (tmp_path / LOCK).write_text("not a note")
    assert studies(tmp_path) == ["1f2e3d4c"]


@pytest.mark.parametrize("written", [0, 7])
def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path, monkeypatch, written):
    add(tmp_path, "a")
    before, real, calls = (tmp_path / FILE).read_bytes(), os.write, []

    def full(file, data):
        calls.append(len(data))
        if len(calls) == 1 and written:
            return real(file, data[:written])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(book.os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        add(tmp_path, "b")
    monkeypatch.undo()
    assert (tmp_path / FILE).read_bytes() == before
    add(tmp_path, "c")
    assert studies(tmp_path) == ["a", "c"]


def test_a_busy_ledger_is_refused_after_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr(book, "WAIT", 0.02)
    with book.locked(tmp_path / LOCK, 1.0), pytest.raises(BacktestError, match="another process has been writing"):
        add(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "guess"}, "kind = 'guess'"),
        ({"question": ["streak5"]}, "its 'question'"),
        ({"strategy": 7}, "its 'strategy'"),
        ({"looks": [{"horizons": [5]}]}, "its 'looks'"),
        ({"looks": [{"horizons": [[5]], "sets": []}]}, "its 'looks'"),
    ],
)
def test_a_sealed_line_of_another_form_is_named_and_not_read(tmp_path, change, said):
    add(tmp_path)
    add_line(tmp_path, lambda _chain: {**STAMP, **change})
    chain = read_book(tmp_path)
    assert [fault.line for fault in chain.faults] == [2]
    assert said in str(chain.faults[0])
    assert len(chain.entries) == 1


def in_child(work) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


@needs_fork
def test_two_processes_at_once_lose_nothing(tmp_path):
    children = [in_child(lambda who=who: [add(tmp_path, f"{who}{i}") for i in range(40)]) for who in "ab"]
    for child in children:
        os.waitpid(child, 0)
    found = studies(tmp_path)
    assert sorted(found) == sorted(f"{who}{i}" for who in "ab" for i in range(40))
    for who in "ab":  # and each in its own order
        assert [one for one in found if one[0] == who] == [f"{who}{i}" for i in range(40)]


@needs_fork
@pytest.mark.parametrize("number", range(3))
def test_a_killed_process_loses_nothing_that_it_had_entered(tmp_path, number):
    read, write = os.pipe()

    def work():
        for i in range(10_000):
            add(tmp_path, str(i))
            os.write(write, f"{i}\n".encode())  # entered, and said so

    child = in_child(work)
    time.sleep(random.Random(number).uniform(0.01, 0.12))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(write)
    said = os.read(read, 1_000_000).decode().split()
    os.close(read)
    found = studies(tmp_path)
    assert found[: len(said)] == said
    assert len(found) - len(said) <= 1
    add(tmp_path, "next")
    assert studies(tmp_path) == [*found, "next"]
