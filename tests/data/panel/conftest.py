"""A dataset with a panel, described and delivered by the test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.data.ingest.importing import import_dataset
from backtest.data.panel import spill
from backtest.data.store.read import load_dataset
from backtest.workspace import Workspace

MANIFEST = """schema = 1
name = "many"
title = "Simulated: many assets"
synthetic = true
licence = "MIT"
redistributable = true
[calendar]
exchange = "XNYS"
[series.index]
title = "Simulated index"
kind = "price_index"
unit = "points"
file = "index.csv"
[panel]
title = "Simulated stocks"
kind = "total_return_index"
unit = "dollars"
file = "stocks.parquet"
columns = { open = "open" }
"""


class Delivery:
    """A workspace, and the folder that is delivered."""

    def __init__(self, root, days):
        (root / "backtest.toml").touch()
        self.workspace = Workspace(root, marked=True)
        self.folder = root / "datasets" / "many"
        self.source = root / "delivered"
        for folder in (self.folder, self.source):
            folder.mkdir(parents=True)
        self.manifest = MANIFEST
        self.describe(MANIFEST)
        index = pd.DataFrame({"date": days, "close": np.linspace(100, 120, len(days))})
        index.to_csv(self.source / "index.csv", index=False)

    def describe(self, text):
        (self.folder / "manifest.toml").write_text(text, encoding="utf-8")

    def deliver(self, frame, name="stocks.parquet"):
        path = self.source / name
        if path.suffix == ".csv":
            frame.to_csv(path, index=False)
        else:
            pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)

    def run(self):
        return import_dataset("many", self.source, self.workspace)

    def load(self):
        return load_dataset("many", self.workspace)


@pytest.fixture(scope="module")
def days():
    return pd.bdate_range("2024-07-08", "2024-08-30").date


@pytest.fixture
def delivery(tmp_path, days):
    return Delivery(tmp_path, days)


@pytest.fixture
def frame(days):
    """Ten assets in the order of the days; the second begins late, the third has a hole, the fourth ends early."""
    rng = np.random.default_rng(3)
    names = [f"S{i}" for i in range(10)]
    wide = pd.DataFrame(50 * np.exp(rng.normal(0, 0.02, (len(days), 10)).cumsum(axis=0)), days, names)
    wide.iloc[:9, 1] = np.nan
    wide.iloc[12:15, 2] = np.nan
    wide.iloc[30:, 3] = np.nan
    long = wide.rename_axis("session").reset_index().melt("session", var_name="symbol", value_name="close")
    return long.dropna().assign(open=lambda rows: rows["close"] * 0.99).sort_values("session", kind="stable")


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(spill, "BLOCK", 4)
