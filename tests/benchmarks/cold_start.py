"""How long a command takes as a whole process, against the imports it cannot do without.

Run: ``python tests/benchmarks/cold_start.py``. Each command is timed in turn with its floor, and the median of the
ratios of such pairs is printed: machines are noisy, ratios of neighbours less so. CPU time, of user and system, stands
beside wall time, and says more where others use the machine too.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FLOOR = ["-c", "import numpy, pyarrow.parquet, click"]
COMMAND = ["-c", "from backtest.cli import main; main()"]
COMMANDS = {
    "backtest --help": ["--help"],
    "backtest list strategies": ["list", "strategies"],
    "backtest show streak5": ["show", "streak5"],
    "backtest events streak5": ["events", "streak5"],
    "backtest run streak5 --no-trade": ["run", "streak5", "--no-trade"],
    "backtest run streak5": ["run", "streak5"],
}

ASKED = {"backtest run streak5 --no-trade": 4.0}
"""The ratio that may not be exceeded."""

# Without compiled modules on disk a process compiles the whole package again: no user's second start is like that.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


Taken = tuple[float, float]
"""Seconds by wall clock, and of CPU."""


def seconds(arguments: list[str], folder: Path) -> Taken:
    """Time one process from start to end."""
    began, used = time.perf_counter(), _cpu()
    subprocess.run([sys.executable, *arguments], check=True, cwd=folder, capture_output=True, env=ENVIRONMENT)
    return time.perf_counter() - began, _cpu() - used


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=11)
    pairs = parser.parse_args().pairs
    taken: dict[str, list[Taken]] = {name: [] for name in COMMANDS}
    floor: list[Taken] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for arguments in (FLOOR, [*COMMAND, "run", "streak5"]):  # warm the caches of the disk once
            seconds(arguments, folder)
        for _ in range(pairs):
            floor.append(seconds(FLOOR, folder))
            for command, arguments in COMMANDS.items():
                taken[command].append(seconds([*COMMAND, *arguments], folder))
    for command, found in taken.items():
        show(command, found, floor, FLOOR[1])
    show("backtest run streak5", taken["backtest run streak5"], taken["backtest run streak5 --no-trade"], "--no-trade")


def show(what: str, taken: list[Taken], floor: list[Taken], floor_name: str) -> None:
    """Print the median ratios with the seconds behind them."""
    asked = f"; at most {ASKED[what]:.1f} asked for" if what in ASKED else ""
    print(f"{what}, times '{floor_name}' ({len(taken)} pairs{asked})")
    for of, name in enumerate(("wall", "CPU")):
        ours, theirs = [one[of] for one in taken], [one[of] for one in floor]
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        print(f"  {name}: {ratio:.2f} (medians {statistics.median(ours):.3f} s and {statistics.median(theirs):.3f} s)")


if __name__ == "__main__":
    main()
