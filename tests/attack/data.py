"""Attack the reading of files, manifests, strategies and arguments.

``python -m tests.attack.data --minutes 120 --seed 1`` makes attacks for two hours, and prints what broke a promise.
Each attack is a command in a workspace of its own. It must end within its limit, without a traceback, with one short
message where it refuses; a dataset that was there stays readable; nothing outside the workspace changes.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from backtest import cli
from backtest.data.ingest.importing import import_dataset
from backtest.data.store.read import load_dataset
from backtest.workspace import Workspace
from tests.attack import files

LIMIT = 30
"""CPU seconds after which a command hangs; a command that waits hangs after ten times as many."""
LONGEST = 2_000
"""Characters of a message."""
KEPT = ("mine", "many")
"""The good datasets; the second has a panel."""
PANELS = ("panel delivery", "panel manifest", "panel strategy")
KINDS = ("delivery", "first manifest", "manifest", "strategy", "arguments", *PANELS)


class Hangs(BaseException):
    """A command that does not end."""


def prepared(root: Path) -> Workspace:
    """A workspace with a good dataset and strategy, and a file outside it."""
    for name in KEPT:
        (root / "work" / "datasets" / name).mkdir(parents=True)
    for folder in ("delivered", "strategies"):
        (root / "work" / folder).mkdir()
    (root / "outside.txt").write_text("untouched")
    workspace = Workspace(root / "work", marked=True)
    (workspace.root / "backtest.toml").touch()
    restore(workspace)
    for name in KEPT:
        import_dataset(name, workspace.root / "delivered", workspace)
    return workspace


def restore(workspace: Workspace) -> None:
    """Put the good files back, and remove what an attack has added."""
    root = workspace.root
    for folder in root.iterdir():
        if folder.is_dir() and folder.name not in ("datasets", "delivered", "strategies"):
            shutil.rmtree(folder)
    for path in [*(root / "datasets").iterdir(), *(root / "delivered").iterdir(), *(root / "strategies").iterdir()]:
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, content in (("a", files.GOOD), ("rows", files.ROWS), ("members", files.MEMBERS)):
        (root / "delivered" / f"{name}.csv").write_text(content)
    (root / "datasets" / "mine" / "manifest.toml").write_text(files.MANIFEST)
    (root / "datasets" / "many" / "manifest.toml").write_text(files.PANEL)
    (root / "strategies" / "mine.toml").write_text(files.STRATEGY)


def prepare(kind: str, rng: random.Random, root: Path) -> list[str]:
    """Put one attack into the workspace; return the command that meets it."""
    if kind == "delivery":
        name, content = files.delivery(rng)
        (root / "delivered" / name).write_bytes(content)
        manifest = files.MANIFEST.replace("a.csv", name)
        (root / "datasets" / "mine" / "manifest.toml").write_text(manifest)
        return ["data", "import", "mine", "--from", "delivered"]
    if kind == "first manifest":
        name, content = files.delivery(rng)
        (root / "delivered" / name).write_bytes(content)
        return ["data", "import", "fresh", "--new", "--from", f"delivered/{name}", *rng.choice(([], ["--json"]))]
    if kind == "manifest":
        path = root / "datasets" / "mine" / "manifest.toml"
        path.write_bytes(files.text_file(rng, files.MANIFEST))
        return rng.choice(
            (["data", "import", "mine", "--from", "delivered"], ["data", "list"], ["data", "check", "mine"])
        )
    if kind == "strategy":
        (root / "strategies" / "mine.toml").write_bytes(files.text_file(rng, files.STRATEGY))
        return rng.choice((["list"], ["show", "mine"], ["show", "mine", "--json"], ["run", "mine", "--quiet"]))
    return _prepare_panel(kind, rng, root) if kind in PANELS else files.arguments(rng)


def _prepare_panel(kind: str, rng: random.Random, root: Path) -> list[str]:
    manifest = root / "datasets" / "many" / "manifest.toml"
    imports = ["data", "import", "many", "--from", "delivered"]
    if kind == "panel delivery":
        name, content = files.panel_delivery(rng)
        (root / "delivered" / name).write_bytes(content)
        manifest.write_text(files.PANEL.replace(f"{name.partition('.')[0]}.csv", name))
        return rng.choice((imports, imports, ["data", "check", "many", "--from", "delivered"]))
    if kind == "panel manifest":
        manifest.write_bytes(files.text_file(rng, files.PANEL))
        return rng.choice((imports, imports, ["data", "list"], ["data", "check", "many"]))
    (root / "strategies" / "each.toml").write_bytes(files.text_file(rng, files.EACH))
    return ["run", "each", "--dataset", "many", "--quiet"]


@contextlib.contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise `Hangs` after so many seconds at work, or ten times as many of any kind, where the system has alarms."""

    def ring(*_: object) -> None:
        raise Hangs

    alarms = {signal.SIGPROF: (signal.ITIMER_PROF, seconds), signal.SIGALRM: (signal.ITIMER_REAL, 10 * seconds)}
    before = {number: signal.signal(number, ring) for number in alarms}
    for timer, after in alarms.values():
        signal.setitimer(timer, after)
    try:
        yield
    finally:
        for number, (timer, _) in alarms.items():
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])


def attack(workspace: Workspace, kind: str, seed: int) -> tuple[list[str], int, list[str]]:
    """Make one attack; return the command, its status, and what it broke."""
    rng = random.Random(f"{kind} {seed}")
    restore(workspace)
    command = prepare(kind, rng, workspace.root)
    out, err, broken, status = io.StringIO(), io.StringIO(), [], -1
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(workspace.root):
        try:
            with limited(LIMIT):
                status = cli.status_of(command)
        except Hangs:
            broken.append(f"still at work after {LIMIT} s")
        except BaseException as error:  # noqa: BLE001  whatever comes out is the finding
            broken.append(f"{type(error).__name__} came out: {error}"[:200])
    said = err.getvalue()
    if status == cli.BUG or "Traceback" in said:
        broken.append(f"traceback: {' '.join(said.strip().splitlines()[-2:])[:200]}")
    broken += [f"a message of {len(line):,} characters" for line in said.splitlines() if len(line) > LONGEST]
    broken += [f"status {status} without a word"] if status in (1, 2) and not said else []
    return command, status, broken + damage(workspace, command, status)


def damage(workspace: Workspace, command: list[str], status: int) -> list[str]:
    """Say what an attack has done to the dataset, to what lies outside, and to temporary files."""
    broken, data = [], workspace.root / "datasets"
    try:
        for name in KEPT:
            kept = load_dataset(data / name)
            list(kept.prices.columns.values())
            if kept.panel is not None:
                kept.panel.read()
        if status == cli.DONE and command[1:3] == ["import", "fresh"] and "-h" not in command:
            list(load_dataset(data / "fresh").prices.columns.values())
    except Exception as error:  # noqa: BLE001
        broken.append(f"the dataset cannot be read: {error}"[:200])
    around = sorted(path.name for path in workspace.root.parent.iterdir())
    if around != ["outside.txt", "work"] or (workspace.root.parent / "outside.txt").read_text() != "untouched":
        broken.append(f"something outside was touched: {around}")
    left = [path.name for path in data.rglob(".*") if path.name != ".writing"]
    return broken + ([f"left behind: {left}"] if left else [])


def main() -> int:
    """Attack for some minutes; print what broke, with the seed that repeats it, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--only", action="store_true", help="repeat the one attack of this kind and seed")
    given = parser.parse_args()
    counts: Counter[tuple[str, int]] = Counter()
    until, seed, failures = time.monotonic() + 60 * given.minutes, given.seed, 0
    with tempfile.TemporaryDirectory() as folder:
        workspace = prepared(Path(folder))
        while time.monotonic() < until:
            for kind in [given.kind] if given.kind else KINDS:
                command, status, broken = attack(workspace, kind, seed)
                counts[kind, status] += 1
                for what in broken:
                    failures += 1
                    print(f"{kind} {seed}: {what}: {[word[:60] for word in command]}", flush=True)  # noqa: T201
                if broken:
                    shutil.rmtree(folder + "/work")
                    (Path(folder) / "outside.txt").unlink()
                    workspace = prepared(Path(folder))
            seed += 1
            if given.only:
                break
    for (kind, status), count in sorted(counts.items()):
        print(f"{kind}: status {status}: {count:,}")  # noqa: T201
    print(f"{sum(counts.values()):,} attacks, {failures} broke something")  # noqa: T201
    return 1 if failures else 0


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "100")
    sys.exit(main())
