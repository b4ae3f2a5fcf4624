"""Kill searches at random moments: what goes on from there ends with the same table.

``python tests/benchmarks/kills_of_tune.py [N]``, 50 kills by default, on the workspace's data; ends with status 1 at
the first other table. Each search runs in a forked process that is ended by SIGKILL after a random time, at most as
long as the whole search takes; each goes on with what the one before it has kept, and every fifth is left to finish.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from sweep import grid

from backtest.plan import make_plan
from backtest.tuning import blocks
from backtest.tuning.result import sets_table
from backtest.tuning.search import search
from backtest.workspace import Workspace

SETS = 500


def main(kills: int) -> None:
    blocks.SETS = 16  # many small pieces
    plan, sets = make_plan(Workspace.find(), "streak5"), grid(SETS)
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    begin = time.perf_counter()
    whole = sets_table(search(plan, sets))
    takes = time.perf_counter() - begin
    rng, kept = random.Random(20240716), 0
    for number in range(1, kills + 1):
        child = os.fork()
        if child == 0:
            search(plan, sets, folder=folder)
            os._exit(0)
        time.sleep(rng.uniform(0, takes))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        kept += len(list(folder.glob("*.sizes"))) > 0
        if number % 5 == 0:
            assert sets_table(search(plan, sets, folder=folder)).equals(whole), "another table"
            shutil.rmtree(folder)
            folder.mkdir()
    shutil.rmtree(folder)
    print(f"{kills} kills in searches of {takes:.1f} s: {kept} had kept something, every table is the same")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
