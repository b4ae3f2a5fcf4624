"""Peak memory of importing a long file, date,symbol,open,high,low,close,volume, as a multiple of the file's size.

``python tests/benchmarks/long_file.py [SYMBOLS]``, 460 symbols by default, about 180 MB; ends with status 1 above four
times. Measured is the whole process of ``backtest data import``, with the interpreter and all that it imports, on a
file sorted by symbol and on one sorted by date.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from backtest.data.firewall.exchange import exchange_of

LIMIT = 4.0
FIRST, LAST = np.datetime64("1994-01-03"), np.datetime64("2023-12-29")


def write(path: Path, symbols: int, by_date: bool) -> None:
    """Write a file of simulated bars."""
    days = exchange_of("XNYS", FIRST, LAST).expected(FIRST, LAST).astype(str).tolist()
    draw, n = np.random.default_rng(1), len(days)
    parts = []
    for number in range(symbols):
        close = 100 * np.exp(np.cumsum(draw.normal(0, 0.015, n)))
        open_ = close * np.exp(draw.normal(0, 0.004, n))
        high, low = np.maximum(open_, close) * 1.005, np.minimum(open_, close) * 0.995
        volume = draw.integers(100_000, 9_000_000, n).tolist()
        cells = zip(days, open_, high, low, close, volume, strict=True)
        parts.append([f"{d},SY{number:03d},{o:.2f},{h:.2f},{b:.2f},{c:.2f},{v}" for d, o, h, b, c, v in cells])
    rows = zip(*parts, strict=True) if by_date else parts
    with path.open("w") as file:
        file.write("date,symbol,open,high,low,close,volume\n")
        for group in rows:
            file.write("\n".join(group) + "\n")


def peak_of(folder: Path, path: Path) -> tuple[float, float]:
    """Import a file in a process of its own; return its peak memory in bytes, and its seconds."""
    (folder / "backtest.toml").touch()
    command = [sys.executable, "-m", "backtest", "data", "import", path.stem, "--new", "--from", str(path)]
    started = time.perf_counter()
    child = os.fork()
    if not child:  # a process whose only child is the import: its children's peak is that of the import
        done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        (folder / "peak").write_text(str(peak if done.returncode == 0 else 0))
        os._exit(0)
    os.waitpid(child, 0)
    peak = int((folder / "peak").read_text())
    if not peak:
        raise SystemExit("the import was refused")
    return peak * (1 if sys.platform == "darwin" else 1024), time.perf_counter() - started


def main() -> int:
    symbols = int(sys.argv[1]) if len(sys.argv) > 1 else 460
    worst = 0.0
    for by_date in (False, True):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / ("by_date.csv" if by_date else "by_symbol.csv")
            write(path, symbols, by_date)
            size = path.stat().st_size
            peak, seconds = peak_of(Path(name), path)
            worst = max(worst, peak / size)
            print(
                f"{path.name}: {size / 1e6:.0f} MB, peak {peak / 1e6:.0f} MB, {peak / size:.2f} times, {seconds:.0f} s"
            )
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
