"""Write the sample: the simulation as a dataset on disk."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from backtest.data.manifest.read import read_manifest
from backtest.data.sample.facts import read_facts
from backtest.data.sample.sessions import LAST, nyse_sessions
from backtest.data.sample.simulated import FUTURES_SERIES, simulate
from backtest.data.store.lock import Lock
from backtest.data.store.write import write

FACTS = "facts.toml"
CREATED = dt.datetime.fromisoformat(LAST).replace(tzinfo=dt.UTC)
"""The lock file states the last session as its time, not the clock's, so that a second run gives the same bytes."""


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
