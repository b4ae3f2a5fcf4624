"""Kill sweeps and writers of the ledger at random moments: nothing that was entered is lost, and the next line follows.

``python tests/benchmarks/ledger_kills.py [N]``, 50 kills of each by default; ends with status 1 at the first loss.
A sweep runs in a forked process that is ended by SIGKILL after a random time, at most two and a half times what a sweep
takes; a writer
adds one line after the other. Then two writers add 200 lines each at once.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from backtest.cli import status_of
from backtest.ledger.book import add_line, read_book

LINE = {
    "at": "2026-01-05T10:00:00Z",
    "question": ["streak5", "sample"],
    "kind": "run",
    "strategy": "streak5",
    "dataset": "sample",
    "data_sha256": "0" * 64,
    "last": "2025-12-31",
    "looks": [],
}


def in_child(work: Callable[[], object]) -> int:
    """Do something in a process of its own; return its id."""
    child = os.fork()
    if child == 0:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            work()
        os._exit(0)
    return child


def sweep(number: int) -> None:
    """Search a grid that no earlier sweep had."""
    level = 0.004 + number / 100_000
    grid = ("--grid", "sessions=3,4", "--grid", f"threshold={level:.5f},{level + 0.000004:.6f}")
    status_of(["tune", "streak5", *grid, "--set", "measure.horizons=5,21"])


def kill_sweeps(root: Path, kills: int, rng: random.Random) -> None:
    """Kill sweeps; every record on disk must be in the ledger, and every line must stay."""
    sweep(0)
    begin = time.perf_counter()
    sweep(1)
    takes = time.perf_counter() - begin
    seen = Counter[str]()
    before = read_book(root)
    for number in range(2, kills + 2):
        child = in_child(lambda number=number: sweep(number))
        time.sleep(rng.uniform(0, 2.5) * takes)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        now = read_book(root)
        assert not now.faults, now.faults
        assert now.entries[: len(before.entries)] == before.entries, "a line is gone"
        known = {entry["study"] for entry in now.entries}
        records = {path.parent.name[-8:] for path in root.glob("reports/streak5/tune-*/tune.json")}
        assert records <= known, "a recorded sweep is not in the ledger"
        seen["entered" if len(now.entries) > len(before.entries) else "before it was entered"] += 1
        before = now
    print(f"{kills} kills in sweeps of {takes * 1000:.0f} ms: {dict(seen)}, {len(records)} recorded, nothing lost")


def kill_writers(root: Path, kills: int, rng: random.Random) -> None:
    """Kill processes that add line after line; what they said was entered must be there."""
    said, torn = 0, 0
    for number in range(kills):
        read, write = os.pipe()
        before = read_book(root).lines

        def work(number: int = number, write: int = write) -> None:
            for i in range(1_000_000):
                add_line(root, lambda _chain: {**LINE, "study": f"{number}-{i}"})  # noqa: B023
                os.write(write, b".")

        child = in_child(work)
        time.sleep(rng.uniform(0.005, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(write)
        entered = len(os.read(read, 1_000_000))
        os.close(read)
        chain = read_book(root)
        assert not chain.faults, chain.faults
        assert entered <= chain.lines - before <= entered + 1, "a line that was entered is gone"
        said, torn = said + entered, torn + bool(chain.torn)
    print(f"{kills} kills of writers: {said} lines entered, nothing lost; {torn} lines were torn and are repaired")


def two_at_once(root: Path, lines: int) -> None:
    """Let two processes add lines at the same time."""
    before = read_book(root).lines

    def work() -> None:
        for i in range(lines):
            add_line(root, lambda _chain: {**LINE, "study": str(i)})  # noqa: B023

    for child in [in_child(work), in_child(work)]:
        os.waitpid(child, 0)
    chain = read_book(root)
    assert not chain.faults, chain.faults
    assert chain.lines - before == 2 * lines, "a line is gone"
    print(f"two processes with {lines} lines each: all there, {chain.lines} lines in an intact chain")


def main(kills: int) -> None:
    """Kill, look, go on."""
    rng = random.Random(20240716)
    for work in (kill_sweeps, kill_writers):
        root = Path(tempfile.mkdtemp(prefix="ledger-"))
        (root / "backtest.toml").touch()
        os.chdir(root)
        with contextlib.redirect_stderr(io.StringIO()):
            work(root, kills, rng)
    two_at_once(root, 200)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
