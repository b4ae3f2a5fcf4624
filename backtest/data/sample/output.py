"""Write the sample: the simulation as a dataset on disk."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np

from backtest.data.manifest.read import read_manifest
from backtest.data.panel.write_blocks import PanelImport, RowsInMemory
from backtest.data.sample.facts import read_facts
from backtest.data.sample.sessions import LAST, nyse_sessions
from backtest.data.sample.simulated import FUTURES_SERIES, simulate
from backtest.data.sample.stocks import simulate_stocks
from backtest.data.store.lock import Lock
from backtest.data.store.read import load_dataset
from backtest.data.store.write import write
from backtest.errors import ManifestInvalid

FACTS = "facts.toml"
CREATED = dt.datetime.fromisoformat(LAST).replace(tzinfo=dt.UTC)
"""The lock file states the last session as its time, not the clock's, so that a second run gives the same bytes."""
PANEL_SINCE = np.datetime64("2014-01-01")
"""The first day of the panel: twelve years are enough for a first trial, and small."""
SHARED = ("SIM_MARKET_INDEX", "SIM_MARKET")
"""The series of the sample that all stocks of the panel share."""


def write_sample(folder: Path) -> Lock:
    """Simulate the sample and write it into a folder that holds its ``manifest.toml`` and ``facts.toml``.

    Raises
    ------
    DataRefused
        There are no facts, or the calendar package is not installed.
    ManifestInvalid
        The manifest is missing or invalid.
    """
    manifest = read_manifest(folder)
    simulation = simulate(read_facts(folder / FACTS), nyse_sessions())
    tables = {FUTURES_SERIES: simulation.contracts}
    return write(
        *(folder, manifest, simulation.sessions, simulation.columns, tables),
        notes=[],  # every study says by itself that the data are simulated
        created=CREATED,
        keep_previous=False,
    )


def write_sample_panel(folder: Path) -> Lock:
    """Simulate the sample's stocks and write them into a folder that holds their ``manifest.toml``.

    The sample is read from the folder beside it.

    Raises
    ------
    ManifestInvalid
        The manifest is missing or invalid.
    DatasetUnavailable, DatasetCorrupt
        The sample is not there.
    """
    manifest, sample = read_manifest(folder), load_dataset(folder.parent / "sample").prices
    if manifest.panel is None:
        raise ManifestInvalid(f"{folder}: its manifest has no panel.")
    (since,) = np.searchsorted(sample.sessions, [PANEL_SINCE]).tolist()
    prices = sample.between(since, len(sample))
    table = simulate_stocks(prices.sessions, prices.close("SIM_MARKET"))
    return write(
        *(folder, manifest, prices.sessions, {name: prices.close(name) for name in SHARED}),
        created=CREATED,
        keep_previous=False,
        panel=PanelImport(manifest.panel, RowsInMemory(table)).write,
    )
