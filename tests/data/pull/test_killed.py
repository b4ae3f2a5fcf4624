"""A pull that is killed at any moment leaves the old dataset or the new one, and the next pull works."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter

import numpy as np
import pytest

from . import bodies

KILLS = 40
DAYS = ["2024-07-10", "2024-07-11", "2024-07-15", "2024-07-16"]


def deliver(bench, number):
    """Let both rates say which delivery they are of: 4.01 is the first."""
    rows = [(day, f"{4 + number / 100:.2f}") for day in DAYS]
    for symbol in ("DGS10", "DFEDTARU", "DFEDTAR"):
        bench.provider.answers(f"id={symbol}", bodies.fred_csv(symbol, rows))
    bench.provider.asked.clear()


def held(bench):
    """Return which delivery the dataset is of; all its series must agree."""
    prices = bench.prices()
    values = np.concatenate([prices.close("DGS10"), prices.close("target")])
    values = values[~np.isnan(values)]  # sessions of the exchange that no delivery has a row of
    deliveries = set(np.round((values - 4) * 100).astype(int).tolist())
    assert len(deliveries) == 1, f"a mixture of deliveries {sorted(deliveries)}"
    return deliveries.pop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # a fork beside the provider's thread: it only serves
def test_killed_at_random_moments(bench):
    for number in (1, 2):  # the first loads what a pull needs, the second is timed
        deliver(bench, number)
        begin = time.perf_counter()
        bench.pull(refresh=True)
        takes = time.perf_counter() - begin
    rng, seen, current = random.Random(20240716), Counter(), 2
    for number in range(3, KILLS + 3):
        deliver(bench, number)
        child = os.fork()
        if child == 0:
            try:
                bench.pull(refresh=True)
            finally:
                os._exit(0)
        time.sleep(rng.uniform(0, 2.0) * takes)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        now = held(bench)
        assert now in (current, number)
        seen["new" if now == number else "old"] += 1
        takes *= 0.9 if now == number else 1.1  # follow the machine: half the kills come before the end, half after
        current = now
    assert min(seen["old"], seen["new"]) >= KILLS // 10, f"the kills did not fall into the pulls: {seen}"
    deliver(bench, KILLS + 3)
    bench.pull(refresh=True)
    assert held(bench) == KILLS + 3
