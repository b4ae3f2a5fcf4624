"""How long a command takes as a whole process, against the imports it cannot do without.

Run: ``python tests/benchmarks/cold_start.py``. Each command is timed in turn with its floor, and the median of the
ratios of such pairs is printed: machines are noisy, ratios of neighbours less so.
"""

from __future__ import annotations

import argparse
import os
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

# Without compiled modules on disk a process compiles the whole package again: no user's second start is like that.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(arguments: list[str], folder: Path) -> float:
    """Time one process from start to end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, cwd=folder, capture_output=True, env=ENVIRONMENT)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=11)
    pairs = parser.parse_args().pairs
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    floor = []
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


def show(what: str, taken: list[float], floor: list[float], floor_name: str) -> None:
    """Print the median ratio with the seconds behind it."""
    ratio = statistics.median(a / b for a, b in zip(taken, floor, strict=True))
    print(
        f"{what}: {ratio:.2f} times '{floor_name}' "
        f"(medians {statistics.median(taken):.2f} s and {statistics.median(floor):.2f} s, {len(taken)} pairs)"
    )


if __name__ == "__main__":
    main()
