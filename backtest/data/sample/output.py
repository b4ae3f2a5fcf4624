"""Writing the sample: the simulation as a dataset on disk."""

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
"""The lock file gives the last session as its time, not the clock's: writing it again gives the same bytes."""


def write_sample(folder: Path) -> Lock:
    """Simulate the sample and write it into a folder that holds its ``manifest.toml`` and ``facts.toml``.

    Raises
    ------
    DataRefused
        There are no facts, or the calendar's package is not installed.
    ManifestInvalid
        There is no manifest, or a wrong one.
    """
    manifest = read_manifest(folder)
    simulation = simulate(read_facts(folder / FACTS), nyse_sessions())
    tables = {FUTURES_SERIES: simulation.contracts}
    return write(
        *(folder, manifest, simulation.sessions, simulation.columns, tables),
        notes=[],  # that it is simulated, every study says by itself
        created=CREATED,
        keep_previous=False,
    )
