"""Scan a simulated panel from Parquet to events and six horizons, beside a bare NumPy kernel and other tools.

python tests/benchmarks/panel_scan.py                         2,000 assets x 6,500 sessions in 40 files, every tool
python tests/benchmarks/panel_scan.py verdict                 the same, with the verdict over all shifts
python tests/benchmarks/panel_scan.py workers --assets 38400  250 million rows: one and two workers, and a killed one
python tests/benchmarks/panel_scan.py cluster --assets 38400  the same on a Dask cluster of this machine

CPU seconds of all threads, after imports, the best of several runs; peak memory of the process.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.data.panel.partition_file import RUNS, Block, read_fields, table_of, write_block
from backtest.files import read_file, sha256_of
from backtest.model import Prices, SeriesInfo
from backtest.model.panel import Panel
from backtest.model.panel_source import PanelBlock
from backtest.model.rounding import HALF
from backtest.panel.scan import scan_panel
from backtest.spec.strategy import Strategy

SESSIONS, IN_FILE = 6_500, 50
HORIZONS = (1, 5, 10, 21, 63, 126)
STREAK = {"use": "streak", "series": "close", "sessions": 5, "threshold": 0.01}


@dataclass(frozen=True)
class Folder:
    """A panel in the files of a dataset's panel; it is read as a stored dataset is, with the hash of every file."""

    path: Path
    fields: tuple[str, ...] = ("close",)
    groups: tuple[str, ...] = ()

    @cached_property
    def blocks(self) -> tuple[PanelBlock, ...]:
        rows = json.loads((self.path / "blocks.json").read_text())
        return tuple(PanelBlock(one[0], tuple(one[1]), self.path / one[2], *one[3:]) for one in rows)

    @property
    def assets(self) -> tuple[str, ...]:
        return tuple(asset for block in self.blocks for asset in block.assets)

    def read_block(self, block: PanelBlock, fields: Sequence[str] = ("close",)) -> Panel:
        content = read_file(block.path, block.bytes)
        if sha256_of(content) != block.sha256:
            raise ValueError(f"{block.path} is damaged")
        close = np.empty((len(block), SESSIONS))
        read_fields(content, {"close": close}, 0)
        info = SeriesInfo("close", "Simulated assets", "price_index", "")
        return Panel(block.assets, {"close": close.T}, info, Prices(days(), {}, {}), simulated=True)


def days():
    return np.datetime64("1999-01-04") + np.arange(SESSIONS)


def make(path: Path, assets: int) -> None:
    """Write the files: fat-tailed returns, listings and delistings."""
    rng, rows = np.random.default_rng(1), []
    path.mkdir(parents=True)
    for first in range(0, assets, IN_FILE):
        close = 100 * np.exp((rng.standard_t(4, (SESSIONS, IN_FILE)) * 0.012).cumsum(axis=0))
        at = np.arange(SESSIONS)[:, None]
        close[at < rng.integers(0, 2_000, IN_FILE)] = np.nan
        close[at >= SESSIONS - rng.integers(0, 1_000, IN_FILE)] = np.nan
        names, file = tuple(f"A{first + i:06d}" for i in range(IN_FILE)), f"{first:06d}.parquet"
        write_block(table_of(Block(names, {"close": close}), days(), False, {"title": "simulated"}), path / file)
        content = (path / file).read_bytes()
        rows.append([first, names, file, sha256_of(content), int(np.isfinite(close).sum()), len(content)])
    (path / "blocks.json").write_text(json.dumps(rows))


def largest_gain(prices, *, sessions: int = 1_000):
    """Flag the largest return of so many sessions, as a user would: in pandas, and so on one asset after the other."""
    return prices.pandas("close").pct_change(fill_method=None).rolling(sessions).rank(pct=True) >= 1.0


def strategy(detector):
    return Strategy.of(detector, measure={"asset": "close", "benchmark": "", "horizons": list(HORIZONS)})


def ours(path: Path, verdict: bool = False):
    found = scan_panel(strategy(STREAK), Folder(path), workers=1, verdict=verdict)
    return len(found.found), found.forward.mean, found.forward.base


def kernel(path: Path, checks: bool = False):
    """Do the same with NumPy alone, without a thought for anything else; or with the hashes and hit rates of a scan."""
    after, total, count = [], np.zeros(len(HORIZONS)), np.zeros(len(HORIZONS), dtype=int)
    hits, known = np.zeros(len(HORIZONS), dtype=int), {one.path: one.sha256 for one in Folder(path).blocks}
    for file in sorted(path.glob("*.parquet")):
        content = file.read_bytes() if checks else None
        if content is not None and hashlib.sha256(content).hexdigest() != known[file]:
            raise ValueError(f"{file} is damaged")
        read = pq.ParquetFile(file if content is None else pa.BufferReader(content))
        runs = json.loads(read.schema_arrow.metadata[RUNS.encode()])
        values, at = read.read(columns=["close"], use_threads=False).column(0).to_numpy(), 0
        close = np.full((len(runs[0]), SESSIONS), np.nan)
        for row, first, n in zip(close, *runs, strict=True):
            row[first : first + n] = values[at : at + n]
            at += n
        returns = np.full(close.shape, np.nan)
        returns[:, 1:] = close[:, 1:] / close[:, :-1] - 1
        far, met = returns >= 0.01, np.zeros(close.shape, dtype=bool)
        met[:, 4:] = far[:, 4:] & far[:, 3:-1] & far[:, 2:-2] & far[:, 1:-3] & far[:, :-4]
        met[:, 1:] &= ~met[:, :-1].copy()
        asset, day = np.nonzero(met)
        events = np.empty((len(asset), len(HORIZONS)))
        for j, h in enumerate(HORIZONS):
            gained = np.full(close.shape, np.nan)
            gained[:, :-h] = close[:, h:] / close[:, :-h] - 1
            events[:, j] = gained[asset, day]
            complete = np.isfinite(gained)
            total[j] += gained[complete].sum()
            count[j] += complete.sum()
            if checks:
                hits[j] += (gained > HALF).sum()
        after.append(events)
    every = np.concatenate(after)
    return len(every), np.nanmean(every, axis=0), total / count


def with_polars(path: Path):
    import polars as pl

    close = pl.col("close")
    far = (close / close.shift(1) - 1 >= 0.01).fill_null(False)
    met = pl.all_horizontal([pl.col("far").shift(k, fill_value=False).over("asset") for k in range(5)])
    forward = [(close.shift(-h).over("asset") / close - 1).alias(f"h{h}") for h in HORIZONS]
    frame = (
        pl.scan_parquet(path / "*.parquet")
        .select("asset", "session", "close")
        .with_columns(far.over("asset").alias("far"), *forward)
        .with_columns(met.alias("met"))
        .with_columns((pl.col("met") & ~pl.col("met").shift(1, fill_value=False).over("asset")).alias("event"))
    )
    names = [f"h{h}" for h in HORIZONS]
    base = frame.select([pl.col(name).mean() for name in names])
    events = frame.filter("event").select("asset", "session", *names)
    base, events = pl.collect_all([base, events])
    return len(events), events.select(names).mean().to_numpy()[0], base.to_numpy()[0]


def with_duckdb(path: Path):
    import duckdb

    lags = " and ".join(f"lag(far, {k}, false) over w" for k in range(5))
    leads = ", ".join(f"lead(close, {h}) over w / close - 1 as h{h}" for h in HORIZONS)
    made = f"""
        with a as (select asset, session, close, {leads},
                          coalesce(close / lag(close) over w - 1 >= 0.01, false) as far
                   from read_parquet('{path}/*.parquet') window w as (partition by asset order by session)),
             b as (select *, {lags} as met from a window w as (partition by asset order by session)),
             c as (select *, met and not lag(met, 1, false) over w as event from b
                   window w as (partition by asset order by session))
    """
    means = ", ".join([*(f"avg(h{h}) filter (event)" for h in HORIZONS), *(f"avg(h{h})" for h in HORIZONS)])
    found = duckdb.sql(f"{made} select count(*) filter (event), {means} from c").fetchall()[0]
    return found[0], np.array(found[1:7]), np.array(found[7:])


def with_alphalens(path: Path):
    import pandas as pd
    from alphalens.utils import get_clean_factor_and_forward_returns

    source = Folder(path)
    blocks = [source.read_block(block) for block in source.blocks]
    close = np.concatenate([block.close for block in blocks], axis=1)
    wide = pd.DataFrame(close, pd.DatetimeIndex(days(), freq="D"), list(source.assets))
    far = wide.pct_change(fill_method=None) >= 0.01
    met = far.rolling(5).sum() == 5
    event = met & ~met.shift(1, fill_value=False)
    factor = event.astype(float).stack()
    factor.index.names = ["date", "asset"]
    clean = get_clean_factor_and_forward_returns(
        factor, wide, quantiles=None, bins=[-1, 0.5, 2], periods=HORIZONS, max_loss=1
    )
    forward = clean.iloc[:, : len(HORIZONS)]
    after = forward[clean["factor"] == 1.0]
    return len(after), after.mean().to_numpy(), forward.mean().to_numpy()


FILLS = "other figures: it fills missing closes, and drops events with an incomplete window"
TOOLS = {
    "backtest": ours,
    "NumPy kernel": kernel,
    "kernel, hashes, hit rates": lambda path: kernel(path, checks=True),
    "polars": with_polars,
    "DuckDB": with_duckdb,
    "alphalens": with_alphalens,
    "backtest with the verdict": lambda path: ours(path, verdict=True),
}


def measure_one(tool: str, path: Path, runs: int) -> None:
    best = (float("inf"), float("inf"))
    for _ in range(runs):
        cpu, wall = time.process_time(), time.perf_counter()
        n, mean, base = TOOLS[tool](path)
        best = min(best, (time.process_time() - cpu, time.perf_counter() - wall))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([*best, peak, int(n), [float(x) for x in mean], [float(x) for x in base]]))


def compare(path: Path, tools: dict[str, int]) -> None:
    found = {}
    for tool, runs in tools.items():
        done = subprocess.run(
            [sys.executable, __file__, "one", "--folder", path, "--tool", tool, "--runs", str(runs)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{tool:28} failed: {done.stderr.strip().splitlines()[-1][:200]}")
            continue
        cpu, wall, peak, n, mean, base = found[tool] = json.loads(done.stdout.splitlines()[-1])
        first = next(iter(found.values()))
        same = n == first[3] and np.allclose(mean, first[4], rtol=1e-9) and np.allclose(base, first[5], rtol=1e-9)
        figures = "same figures" if same else FILLS if tool == "alphalens" else "OTHER FIGURES"
        times = f"{cpu:8.2f} s CPU {cpu / first[0]:8.2f} x {wall:8.2f} s wall {peak:8,.0f} MB"
        print(f"{tool:26} {times}  {n:,} events, {figures}", flush=True)


def content(found) -> str:
    forward = found.forward
    arrays = [found.found.asset, found.found.day0, forward.asset, forward.base, forward.base_n, forward.base_hit_rate]
    return hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in arrays)).hexdigest()[:12]


def used() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def scanned(source, detector, label, kill_after=None, **how) -> float:
    def kill():
        children = multiprocessing.active_children()
        if children:
            os.kill(children[0].pid, signal.SIGKILL)

    timer = None
    if kill_after:
        timer = threading.Timer(kill_after, kill)
        timer.start()
    cpu, wall = used(), time.perf_counter()
    found = scan_panel(strategy(detector), source, verdict=False, **how)
    wall = time.perf_counter() - wall
    if timer:
        timer.cancel()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    times = f"{wall:7.1f} s wall {used() - cpu:7.1f} s CPU  largest process {peak:6,.0f} MB"
    events = f"{len(found.found):,} events  {content(found)}"
    print(f"{label:32} {times}  load {os.getloadavg()[0]:.0f}  {events}", flush=True)
    return wall


def workers(path: Path) -> None:
    source = Folder(path)
    scanned(source, STREAK, "streak, 1 worker", workers=1)
    wall = scanned(source, STREAK, "streak, 2 workers", workers=2)
    scanned(source, STREAK, "streak, 2 workers, one killed", kill_after=wall / 2, workers=2)


def cluster(path: Path) -> None:
    from distributed import LocalCluster

    how = {"threads_per_worker": 1, "memory_limit": "2GB", "dashboard_address": ":0", "silence_logs": 60}
    for count in (1, 2):
        cpu = used()
        with LocalCluster(n_workers=count, **how) as made:
            label = f"own detector, Dask, {workers_of(count)}"
            scanned(Folder(path), largest_gain, label, cluster=made.scheduler_address)
        print(f"{'':32} {used() - cpu:7.1f} s CPU with the cluster's own, at most 2 GB a worker", flush=True)


def workers_of(count: int) -> str:
    return f"{count} worker{'s' * (count > 1)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="tools", choices=["tools", "verdict", "workers", "cluster", "one"])
    parser.add_argument("--assets", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, help="keep the files here, and use those that are there")
    parser.add_argument("--tool", default="backtest", help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.what == "one":
        measure_one(given.tool, given.folder, given.runs)
        return
    path = given.folder or Path(tempfile.mkdtemp(prefix="panel-scan-")) / "panel"
    try:
        if not (path / "blocks.json").exists():
            make(path, given.assets)
        size = sum(file.stat().st_size for file in path.glob("*.parquet"))
        source = Folder(path)
        rows, files = sum(block.rows for block in source.blocks), len(source.blocks)
        print(f"{len(source.assets):,} simulated assets, {rows:,} closes, {files} files, {size / 1e6:,.0f} MB")
        if given.what == "tools":
            compare(
                path,
                {
                    "backtest": 5,
                    "NumPy kernel": 5,
                    "kernel, hashes, hit rates": 5,
                    "polars": 2,
                    "DuckDB": 2,
                    "alphalens": 1,
                },
            )
        elif given.what == "verdict":
            compare(path, {"backtest": 3, "backtest with the verdict": 1})
        else:
            {"workers": workers, "cluster": cluster}[given.what](path)
    finally:
        if given.folder is None:
            shutil.rmtree(path.parent, ignore_errors=True)


if __name__ == "__main__":
    import panel_scan  # so that workers find its classes in a module

    panel_scan.main()
