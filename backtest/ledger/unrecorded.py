"""Runs and searches under ``reports/`` that the ledger does not know: their looks are not counted."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path

RECORD = re.compile(r"(?P<search>tune-)?\d{8}T\d{6}Z-(?P<study>[0-9a-f]{8})(-\d+)?")
"""The name of a record's folder: when, and a hash of what was studied."""


def unrecorded(
    reports: Path, strategies: Collection[str], datasets: Collection[str] | None, studies: Collection[str]
) -> list[str]:
    """Return the ids of records that are not in the ledger.

    Parameters
    ----------
    reports : Path
        The workspace's reports.
    strategies : collection of str
        The strategies of the question.
    datasets : collection of str or None
        The names of its dataset, as records on others are not part of it; None takes all.
    studies : collection of str
        The hashes of the studies that the ledger knows.
    """
    return [
        f"{name}/{folder.name}"
        for name in sorted(strategies)
        for folder, study in _records(reports / name)
        if study not in studies and (datasets is None or _dataset(folder) in (*datasets, None))
    ]


def _records(folder: Path) -> Iterator[tuple[Path, str]]:
    try:
        names = sorted(folder.iterdir())
    except OSError:  # no record of it
        return
    for path in names:
        found = RECORD.fullmatch(path.name)
        if found:
            yield path, found["study"]


def _dataset(folder: Path) -> str | None:
    """Return the dataset of a record; None if that cannot be read."""
    path = folder / ("tune.json" if folder.name.startswith("tune-") else "run.json")
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["dataset"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
