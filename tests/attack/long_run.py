"""The long part of the attacks: ``python -m tests.attack.long_run --minutes 10 --seed 1``, at low priority.

Commands run as processes of their own: damaged records under every command that reads one; kills and signals at random
moments of run, tune, compare and report; output that is closed or full. It stops with status 1 at the end if anything
broke a promise of docs/reliability.md, and prints each break with its seed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from backtest.cli import status_of
from backtest.record.read import read_run

from .records import damage_of

LONGEST, PATIENCE = 2_000, 60
"""Characters of a message; seconds of work, or ten times as many by the clock, after which a command hangs."""
COMMAND = [sys.executable, "-m", "backtest"]
KILLED = ("run streak5 --no-trade", "run streak5", "tune streak5", "compare streak5 first_cut", "report streak5")
ENDS = (signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
OUTPUTS = (">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full", "2>/dev/full", "| head -c 1")
ROOT = Path(__file__).parents[2]
Attack = Callable[[Path, random.Random], Iterator[str]]
"""Attacks a workspace once; yields what broke."""


def of_records(root: Path, draw: random.Random) -> Iterator[str]:
    """Damage a record, and read it with every command."""
    folder = draw.choice(sorted(path.parent for path in root.glob("reports/*/*Z-*/run.json")))
    what, (name, content) = damage_of(folder, draw)
    path, run = folder / name, folder.name
    before = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    out = str(root / "out")
    calls = (["list", "runs", "--json"], ["report", run], ["show", run], ["compare", run, "streak5"], ["clean"])
    exports = [["export", run, "--to", form, "-o", f"{out}.{form}"] for form in ("md", "csv", "svg")]
    for call in (*calls, *exports):
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            status = status_of(call)
        yield from (f"{what}: {call}: {broken}" for broken in _broken(status, said.getvalue()))
    path.write_bytes(before)


def of_exports(root: Path, draw: random.Random) -> Iterator[str]:
    """Damage a search or a comparison, and export it in a form."""
    path = draw.choice(sorted([*root.glob("reports/*/tune-*/tune.json"), *root.glob("reports/compare/*.json")]))
    what, (name, content) = damage_of(path.parent, draw, path.name)
    damaged = path.with_name(name)
    before = damaged.read_bytes()
    damaged.unlink() if content is None else damaged.write_bytes(content)
    form, said = draw.choice(("md", "csv", "svg", "xlsx", "latex")), io.StringIO()
    of = str(path.parent if path.name == "tune.json" else path)
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        status = status_of(["export", of, "--to", form, "-o", str(root / f"out-{form}")])
    yield from (f"{path.name}: {what}: {form}: {broken}" for broken in _broken(status, said.getvalue()))
    damaged.write_bytes(before)


def of_ends(root: Path, draw: random.Random) -> Iterator[str]:
    """End a command at a random moment; whatever is there is whole, and the next command works."""
    command, number = draw.choice(KILLED).split(), draw.choice(ENDS)
    process = _started([*COMMAND, *command], root)
    time.sleep(draw.uniform(0.03, 2.0))
    process.send_signal(number)
    said = _said(process)
    yield from _hanging(process.returncode, f"{command} after {number}")
    if number == signal.SIGINT and _ours(said):
        yield from (f"interrupt of {command}: {broken}" for broken in _broken(process.returncode, said))
        if process.returncode not in (0, 130, -signal.SIGINT):
            yield f"interrupt of {command}: status {process.returncode}"
    for path in root.glob("reports/*/*Z-*/run.json"):
        if not path.parent.name.startswith((".", "tune-")):
            read_run(path.parent)


def _ours(said: str) -> bool:
    """Tell whether an interrupted process had come to the program: before that, Python says what it likes."""
    return "KeyboardInterrupt" not in said or f"{ROOT / 'backtest'}{os.sep}" in said


def of_output(root: Path, draw: random.Random) -> Iterator[str]:
    """Close or fill the output of a run: it is recorded, and a result that was not shown is no success."""
    how = draw.choice(OUTPUTS)
    before = len(list(root.glob("reports/streak5/*Z-*/run.json")))
    line = f"{' '.join(COMMAND)} run streak5 --no-trade {how}"
    done = _started(["sh", "-c", line], root)
    said = _said(done)
    yield from _hanging(done.returncode, how)
    yield from (f"{how}: {broken}" for broken in _broken(done.returncode, said))
    if len(list(root.glob("reports/streak5/*Z-*/run.json"))) != before + 1:
        yield f"{how}: the study is lost"
    if done.returncode == 0 and how.startswith(">"):
        yield f"{how}: exit 0 without its result"


def _started(command: list[str], root: Path) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=root, text=True, preexec_fn=_limited, **pipes)  # noqa: PLW1509  no threads


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE + 5))


def _said(process: subprocess.Popen[str]) -> str:
    """Return what a process says until it ends; one that does not end is killed."""
    try:
        return process.communicate(timeout=10 * PATIENCE)[1]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGXCPU)
        return process.communicate()[1]


def _hanging(status: int, what: str) -> Iterator[str]:
    if status in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
        yield f"{what}: it did not end"


def _broken(status: int, said: str) -> Iterator[str]:
    if status == 3 or "Traceback" in said:
        yield f"a traceback: {said.strip().splitlines()[-2:]}"
    if any(len(line) > LONGEST for line in said.splitlines()):
        yield "a message above 2,000 characters"


ATTACKS: tuple[Attack, ...] = (of_records, of_records, of_exports, of_ends, of_output)


def main() -> None:
    """Attack for some minutes, and report."""
    given = argparse.ArgumentParser()
    given.add_argument("--minutes", type=float, default=10)
    given.add_argument("--seed", type=int, default=1)
    asked = given.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT)
    root = Path(tempfile.mkdtemp(prefix="attacked-"))
    (root / "backtest.toml").touch()
    os.chdir(root)
    for command in (
        "run streak5 first_cut --quiet",
        "run streak5_panel --dataset sample-panel --quiet",
        "tune streak5 --json",
        "compare streak5 first_cut --json",
    ):
        subprocess.run([*COMMAND, *command.split()], cwd=root, check=True, stdout=subprocess.DEVNULL)
    end, tried, broken, seed = time.monotonic() + 60 * asked.minutes, Counter[str](), 0, asked.seed
    while time.monotonic() < end:
        draw = random.Random(seed)
        attack = draw.choice(ATTACKS)
        tried[attack.__name__] += 1
        for what in attack(root, draw):
            broken += 1
            print(f"seed {seed}: {what}", flush=True)  # noqa: T201
        for old in sorted(root.glob("reports/streak5/2*"))[1:-3]:
            shutil.rmtree(old)
        seed += 1
    print(f"{dict(tried)}: {broken} broken promises")  # noqa: T201
    shutil.rmtree(root)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
