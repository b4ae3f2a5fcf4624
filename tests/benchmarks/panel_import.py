"""Import of a panel by its size: peak memory, CPU time and disk, and what reading it again takes.

``python tests/benchmarks/panel_import.py [ASSETS]…``, 500 and 2,000 assets by default, each on 6,500 sessions. The
table is sorted by session, the worst order: every batch of rows holds rows of all blocks. Measured is the whole process
of ``backtest data import``, and of a process that reads all closes block by block. Ends with status 1 if memory grows
by more than a fifth from the first size to the last.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SESSIONS, GROUP = 6_500, 400_000
"""Sessions, and rows of a row group, which a reader holds in memory at once."""
GROWTH = 1.2
MANIFEST = """schema = 1
name = "many"
title = "Simulated"
synthetic = true
licence = "MIT"
redistributable = true
[calendar]
exchange = "24/7"
[series.index]
title = "Simulated"
kind = "price_index"
unit = "points"
file = "index.csv"
[panel]
title = "Simulated"
kind = "price_index"
unit = "dollars"
file = "stocks.parquet"
"""
READ = """
from backtest.data.store.read import load_dataset
panel = load_dataset("many").panel
print(sum(panel.read_block(block).close.shape[1] for block in panel.blocks))
"""


def write(folder: Path, assets: int) -> int:
    """Write a workspace and what is delivered; return the size of the panel's file."""
    days = np.datetime64("2000-01-01") + np.arange(SESSIONS)
    (folder / "backtest.toml").touch()
    (folder / "datasets/many").mkdir(parents=True)
    (folder / "datasets/many/manifest.toml").write_text(MANIFEST, encoding="utf-8")
    lines = "\n".join(f"{day},{100 + i % 7}" for i, day in enumerate(days))
    (folder / "index.csv").write_text(f"date,close\n{lines}\n", encoding="utf-8")
    names = pa.array([f"S{i:06}" for i in range(assets)])
    draw, level = np.random.default_rng(1), np.full(assets, 100.0)
    step, named = max(1, GROUP // assets), pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema([("symbol", named), ("session", pa.date32()), ("close", pa.float32())])
    with pq.ParquetWriter(folder / "stocks.parquet", schema) as file:
        for first in range(0, SESSIONS, step):
            part = days[first : first + step]
            closes = level * np.exp(np.cumsum(draw.normal(0, 0.01, (len(part), assets)), axis=0))
            level = closes[-1]
            who = pa.DictionaryArray.from_arrays(np.tile(np.arange(assets, dtype=np.int32), len(part)), names)
            when = pa.array(np.repeat(part.astype(np.int32), assets), pa.int32()).cast(pa.date32())
            file.write_table(pa.table([who, when, pa.array(closes.ravel().astype(np.float32))], schema=schema))
    return (folder / "stocks.parquet").stat().st_size


def measured(folder: Path, command: list[str]) -> tuple[float, float]:
    """Run a command in a process of its own; return its peak memory in MB, and its CPU seconds."""
    child = subprocess.Popen([sys.executable, *command], cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} ended with {child.returncode}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return used.ru_maxrss / unit, used.ru_utime + used.ru_stime


def main() -> int:
    peaks = []
    for assets in [int(one) for one in sys.argv[1:]] or [500, 2_000]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            size = write(folder, assets)
            peak, seconds = measured(folder, ["-m", "backtest", "data", "import", "many", "--from", "."])
            stored = sum(path.stat().st_size for path in (folder / "datasets/many/data").rglob("*.parquet"))
            read, reading = measured(folder, ["-c", READ])
            rows = assets * SESSIONS / 1e6
            print(
                f"{assets:,} assets, {rows:.1f} M rows, {size / 1e6:.0f} MB delivered, {stored / 1e6:.0f} MB stored; "
                f"import {peak:.0f} MB, {seconds:.1f} CPU seconds; reading {read:.0f} MB, {reading:.2f} CPU seconds"
            )
            peaks.append(peak)
    return int(peaks[-1] > GROWTH * peaks[0])


if __name__ == "__main__":
    sys.exit(main())
