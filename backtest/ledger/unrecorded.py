"""Runs and searches under ``reports/`` that the ledger does not know: their looks are not counted."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

from backtest.files import read_text

STUDY_DIGITS = 8


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
        for folder in _folders(reports / name)
        if _study(folder) not in studies
        and _is_record(folder.name)
        and (datasets is None or _dataset(folder) in (*datasets, None))
    ]


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # no record of it
        return []


def _is_record(name: str) -> bool:
    """Return whether a folder is named as a record is: when, and a hash of what was studied."""
    return re.fullmatch(r"(tune-)?\d{8}T\d{6}Z-[0-9a-f]{8}(-\d+)?", name) is not None


def _study(folder: Path) -> str:
    """Return the hash of what was studied, from the name of a record."""
    return folder.name.partition("Z-")[2][:STUDY_DIGITS]


def _dataset(folder: Path) -> str | None:
    """Return the dataset of a record; None if that cannot be read."""
    path = folder / ("tune.json" if folder.name.startswith("tune-") else "run.json")
    try:
        return str(json.loads(read_text(path, "utf-8"))["dataset"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
