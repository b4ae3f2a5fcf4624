"""Series that no provider offers: they are carried over from the last import."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from backtest.data.files.reading import read_source
from backtest.data.files.source import Source
from backtest.data.manifest.kinds import TABLES
from backtest.data.manifest.manifest import Manifest, Series
from backtest.data.store.lock import LOCK, PRICES, Lock, Origin, read_lock, repair
from backtest.errors import DatasetCorrupt, DatasetUnavailable


def earlier_sources(folder: Path, manifest: Manifest, names: Iterable[str]) -> tuple[dict[str, Source], Lock | None]:
    """Read delivered series from the stored dataset, as if they were files that the manifest names.

    Returns
    -------
    sources : dict of str to Source
        By series; without those that the dataset does not hold, or holds as another kind.
    lock : Lock or None
        The dataset's; None if there are no data yet.

    Raises
    ------
    DatasetCorrupt
        The dataset's files do not match its lock file.
    DatasetUnavailable
        The manifest needs the source of each price, and the last import did not store it.
    """
    try:
        lock = read_lock(folder)
    except DatasetUnavailable:
        return {}, None
    held = [name for name in names if name in lock.series and lock.series[name].kind == manifest.series[name].kind]
    return {name: _source(folder, lock, name, manifest.series[name]) for name in held}, lock


def origin_of(lock: Lock, name: str) -> Origin:
    """Return where the last import took a series from, and when."""
    fields = {key: getattr(lock.series[name], key) for key in Origin.model_fields}
    return Origin(**{**fields, "fetched": fields["fetched"] or lock.created})


def _source(folder: Path, lock: Lock, name: str, spec: Series) -> Source:
    file = f"{name}.parquet" if spec.kind in TABLES else PRICES
    path = lock.path_of(file)
    whole = read_source(folder, path)
    if whole.sha256 != lock.files[path].sha256:
        raise DatasetCorrupt(f"{folder / path}: its content does not match {LOCK}.", repair(lock.dataset))
    if spec.columns.source and "source" not in whole.columns:
        raise DatasetUnavailable(
            f"dataset '{lock.dataset}': {name} was imported without the source of each price. The manifest needs "
            "the sources, because they determine when each price was known.",
            f"Import it again: backtest data import {lock.dataset} --from DIR",
        )
    columns = {ours: whole.columns[theirs] for ours, theirs in _named(name, spec, whole)}
    return dataclasses.replace(whole, columns=columns)


def _named(name: str, spec: Series, whole: Source) -> list[tuple[str, str]]:
    """Pair each column that the manifest expects with the matching column of the dataset's own file."""
    columns = spec.columns
    if spec.kind == "futures":
        day = "quoted" if "quoted" in whole.columns else "session"
        pairs = [(columns.date, day), (columns.contract, "contract"), (columns.price, "price")]
        pairs += [(columns.source, "source")] if columns.source else []
    elif spec.kind == "decisions":
        pairs = [(columns.date, "date"), (columns.before, "before"), (columns.after, "after")]
        pairs += [(columns.unscheduled, "unscheduled")] if columns.unscheduled else []
    else:
        pairs = [(columns.date, "session"), (columns.close, name)]
        levels = (("open", columns.open), ("high", columns.high), ("low", columns.low))
        pairs += [(column, f"{name}.{level}") for level, column in levels if column]
    return [(ours, theirs) for ours, theirs in pairs if _has_values(whole.columns.get(theirs))]


def _has_values(column: list[str] | pa.ChunkedArray | None) -> bool:
    return column is not None and (isinstance(column, list) or column.null_count < len(column))
