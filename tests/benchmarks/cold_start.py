"""How long a command takes as a whole process, against the imports it cannot do without.

Run: ``python tests/benchmarks/cold_start.py``. Each command is timed in turn with its floor, and the median of the
ratios of such pairs is printed: machines are noisy, ratios of neighbours less so.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PANDAS = ["-c", "import pandas, pyarrow.parquet"]
VECTORBT = ["-c", "import vectorbt"]
COMMAND = ["-c", "from backtest.cli import main; main()"]


def seconds(arguments: list[str], folder: Path) -> float:
    """Time one process from start to end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, cwd=folder, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=11)
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for arguments in (PANDAS, VECTORBT, [*COMMAND, "run", "streak5"]):  # warm the caches of the disk once
            seconds(arguments, folder)
        help_, lean, full, floor, heavy = [], [], [], [], []
        for _ in range(pairs):
            floor.append(seconds(PANDAS, folder))
            lean.append(seconds([*COMMAND, "run", "streak5", "--no-trade"], folder))
            help_.append(seconds([*COMMAND, "--help"], folder))
            heavy.append(seconds(VECTORBT, folder))
            full.append(seconds([*COMMAND, "run", "streak5"], folder))
    show("backtest --help", help_, floor, "import pandas, pyarrow.parquet")
    show("backtest run streak5 --no-trade", lean, floor, "import pandas, pyarrow.parquet")
    with_trade = [a + b for a, b in zip(lean, heavy, strict=True)]
    show("backtest run streak5", full, with_trade, "the line above plus import vectorbt")


def show(what: str, taken: list[float], floor: list[float], floor_name: str) -> None:
    """Print the median ratio with the seconds behind it."""
    ratio = statistics.median(a / b for a, b in zip(taken, floor, strict=True))
    print(
        f"{what}: {ratio:.2f} times '{floor_name}' "
        f"(medians {statistics.median(taken):.2f} s and {statistics.median(floor):.2f} s, {len(taken)} pairs)"
    )


if __name__ == "__main__":
    main()
