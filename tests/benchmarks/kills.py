"""Kill imports at random moments: the dataset is the old one or the new one, and the next import works.

``python tests/benchmarks/kills.py [N]``, 100 kills by default; ends with status 1 at the first mixture.
Each import runs in a forked process that is ended by SIGKILL after a random time, at most two and a half times what an
import takes.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from backtest.data.ingest.importing import import_dataset
from backtest.data.store.read import load_dataset
from backtest.workspace import Workspace

MANIFEST = """schema = 1
name = "mine"
title = "Mine"
licence = "simulated"
redistributable = true
[calendar]
exchange = "XNYS"
[series.A]
title = "A"
kind = "price_index"
unit = "points"
file = "a.csv"
[series.F]
title = "F"
kind = "futures"
unit = "price"
file = "f.csv"
"""
DAYS = np.busday_offset("1960-01-04", np.arange(2000)).astype(str)


def deliver(folder: Path, number: int) -> None:
    """Write files whose every value says which delivery they are of."""
    level = 100.0 + number
    rows = "".join(f"{day},{level + i % 7}\n" for i, day in enumerate(DAYS))
    (folder / "a.csv").write_text("date,close\n" + rows)
    prices = "".join(f"{day},1975-01,{level}\n" for day in DAYS)
    (folder / "f.csv").write_text("date,contract,price\n" + prices)


def held(folder: Path) -> int:
    """Return which delivery the dataset is of; the columns, the table and the lock must agree."""
    dataset = load_dataset(folder)
    one = int(dataset.prices.close("A")[0] - 100)
    other = set((dataset.prices.contracts("F").price - 100).tolist())
    expected = 100.0 + one + np.arange(len(DAYS)) % 7
    assert np.array_equal(dataset.prices.close("A"), expected), "a column is a mixture"
    assert other == {float(one)}, "columns and table are of different deliveries"
    return one


def main(kills: int) -> None:
    """Kill, look, go on; the last import is left to finish."""
    root = Path(tempfile.mkdtemp(prefix="kills-"))
    (root / "backtest.toml").touch()
    workspace, folder, source = Workspace(root, marked=True), root / "datasets" / "mine", root / "delivered"
    folder.mkdir(parents=True)
    source.mkdir()
    (folder / "manifest.toml").write_text(MANIFEST)
    for number in (0, 1):  # the first loads what an import needs, the second is timed
        deliver(source, number)
        begin = time.perf_counter()
        import_dataset("mine", source, workspace)
        takes = time.perf_counter() - begin
    rng, seen, current = random.Random(20240716), Counter[str](), 1
    for number in range(2, kills + 2):
        deliver(source, number)
        child = os.fork()
        if child == 0:
            import_dataset("mine", source, workspace)
            os._exit(0)
        time.sleep(rng.uniform(0, 2.5) * takes)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        now = held(folder)
        assert now in (current, number), f"delivery {now}: neither {current} nor {number}"
        seen["new" if now == number else "old"] += 1
        current = now
        if number % 10 == 0:
            import_dataset("mine", source, workspace)
            assert held(folder) == number, "the next import does not work"
            current = number
    print(f"{kills} kills in imports of {takes * 1000:.0f} ms: {seen['old']} old, {seen['new']} new, no mixture")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
