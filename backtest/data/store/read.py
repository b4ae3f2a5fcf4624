"""Load a dataset: only the columns that are needed, from files that match the lock file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest import arrow
from backtest.data.store.lock import LOCK, PRICES, Lock, manifest_change, read_lock, repair, ways_to_get
from backtest.data.store.stored_panel import StoredPanel
from backtest.errors import DatasetCorrupt
from backtest.files import read_file, read_text, sha256_of
from backtest.model import Contracts, Dataset, Floats, Prices, Sessions, sealed
from backtest.untyped import Parameters, read_toml
from backtest.workspace import MANIFEST, Workspace

TRIES = 5
"""The number of tries if the data are replaced while they are opened."""


def load_dataset(dataset: str | Path, workspace: Workspace | None = None) -> Dataset:
    """Load a dataset; each column or table is read on first access.

    A missing value is NaN and stays NaN. If the data are replaced while they are opened, the new data are opened. What
    is loaded stays consistent, because an import leaves the previous files in place until the next one.

    Parameters
    ----------
    dataset : str or Path
        Its name or its folder.
    workspace : Workspace, optional
        Where names are looked up; default: the workspace of the current folder.

    Raises
    ------
    NotFound
        There is no dataset of that name.
    DatasetUnavailable
        It has a manifest but no data.
    DatasetCorrupt
        Its files do not match the lock file.
    """
    folder = dataset if isinstance(dataset, Path) else (workspace or Workspace.find()).dataset(dataset)
    for _ in range(TRIES):
        lock = read_lock(folder)
        try:
            return dataset_of(folder, lock)
        except DatasetCorrupt:
            if read_lock(folder) == lock:
                raise
    return dataset_of(folder, read_lock(folder))


def dataset_of(folder: Path, lock: Lock) -> Dataset:
    """Open the data that a lock names, whether or not it is the folder's lock file; errors as `load_dataset`."""
    file = _open(folder, lock, PRICES)
    sessions = sealed(arrow.to_days(_read(file, "session", lock)))
    series = {name: locked.info(name) for name, locked in lock.series.items()}
    futures = [name for name, info in series.items() if info.kind == "futures"]
    prices = Prices(
        sessions=sessions,
        columns=Columns(file, lock),
        series=MappingProxyType(series),
        roles=MappingProxyType(lock.roles),
        tables=Tables(folder, lock, futures, sessions),
        declared=_declared_since(folder, lock),
        exchange=_exchange(folder),
    )
    notes, findings = tuple(_notes(folder, lock)), tuple(lock.findings)
    synthetic = lock.synthetic or _says_simulated(folder)
    reference = Reference(folder.resolve(), lock.dataset, lock.sha256)
    panel = None if lock.panel is None else StoredPanel(folder.resolve(), lock, prices, synthetic, reference)
    return Dataset(lock.dataset, lock.title, synthetic, lock.sha256, prices, notes, findings, reference, panel)


@dataclass(frozen=True)
class Reference:
    """A dataset on disk, by its folder and the hash of its data."""

    folder: Path
    name: str
    sha256: str

    def __call__(self) -> Dataset:
        """Load the dataset.

        Raises
        ------
        DatasetCorrupt
            The data are not those referred to.
        """
        data = load_dataset(self.folder)
        if data.sha256 != self.sha256:
            raise DatasetCorrupt(
                f"dataset '{self.name}' in {self.folder}: its data have changed since the plan was made "
                f"(sha256 {self.sha256[:12]}… then, {data.sha256[:12]}… now).",
                "Start again, on what is there now.",
            )
        return data


class Columns(Mapping[str, Floats]):
    """Columns of a Parquet file, each read on first access and then cached; the arrays are read-only."""

    def __init__(self, file: pq.ParquetFile, lock: Lock) -> None:
        self._file = file
        self._lock = lock
        self._names = [name for name in file.schema_arrow.names if name != "session"]
        self._known = frozenset(self._names)
        self._read: dict[str, Floats] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, key: str) -> Floats:
        if key not in self._known:
            raise KeyError(key)
        if key not in self._read:
            self._read[key] = sealed(arrow.to_floats(_read(self._file, key, self._lock)))
        return self._read[key]


class Tables(Mapping[str, Contracts]):
    """Futures of a dataset, each table read on first access and then cached."""

    def __init__(self, folder: Path, lock: Lock, names: list[str], sessions: Sessions) -> None:
        self._folder = folder
        self._lock = lock
        self._names = names
        self._sessions = sessions
        self._read: dict[str, Contracts] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, key: str) -> Contracts:
        if key not in self._names:
            raise KeyError(key)
        if key not in self._read:
            self._read[key] = self._contracts(key)
        return self._read[key]

    def _contracts(self, name: str) -> Contracts:
        file = _open(self._folder, self._lock, f"{name}.parquet")
        session, contract, price = (_read(file, column, self._lock) for column in ("session", "contract", "price"))
        dates = arrow.to_days(session)
        position = np.searchsorted(self._sessions, dates).astype(np.int64)
        if not np.array_equal(np.append(self._sessions, np.datetime64("NaT", "D"))[position], dates):
            raise DatasetCorrupt(
                f"dataset '{self._lock.dataset}': {name} has dates that are not sessions.", repair(self._lock.dataset)
            )
        month = arrow.to_days(contract).astype("datetime64[M]").astype(np.int64)
        quoted = None
        if "quoted" in file.schema_arrow.names:
            quoted = sealed(arrow.to_days(_read(file, "quoted", self._lock)))
        return Contracts(sealed(position), sealed(month), sealed(arrow.to_floats(price)), quoted)


def _open(folder: Path, lock: Lock, file_name: str) -> pq.ParquetFile:
    """Open a file of the dataset after checking its content against the lock file."""
    relative = lock.path_of(file_name)
    path = folder / relative
    try:
        content = read_file(path, max(lock.files[relative].bytes, 0))
    except OSError as error:
        if read_lock(folder).files != lock.files:
            text = f"dataset '{lock.dataset}': it has been rewritten more than once since it was loaded."
            raise DatasetCorrupt(text, "Load it again.") from error
        raise DatasetCorrupt(f"{path}: cannot be read: {error.strerror}.", repair(lock.dataset)) from error
    actual, expected = sha256_of(content), lock.files[relative].sha256
    if actual != expected:
        raise DatasetCorrupt(
            f"{path}: its content (sha256 {actual[:12]}…) does not match {LOCK} ({expected[:12]}…).",
            repair(lock.dataset),
        )
    try:
        return pq.ParquetFile(pa.BufferReader(content))
    except pa.ArrowException as error:
        raise DatasetCorrupt(f"{path}: is not Parquet: {error}.", repair(lock.dataset)) from error


def _read(file: pq.ParquetFile, column: str, lock: Lock) -> pa.ChunkedArray:
    try:
        # 'RUT' also selects 'RUT.open', because Parquet reads a dot as nesting. The columns are adjacent and small.
        return file.read(columns=[column], use_threads=False).column(column)
    except (pa.ArrowException, KeyError) as error:
        raise DatasetCorrupt(
            f"dataset '{lock.dataset}': column {column} cannot be read: {error}.", repair(lock.dataset)
        ) from error


def _declared_since(folder: Path, lock: Lock) -> dict[str, str]:
    """Name the series and roles that the manifest has gained since the import, and say how to bring them."""
    if not manifest_change(folder, lock):
        return {}
    manifest = _manifest(folder)
    series, roles = manifest.get("series"), manifest.get("roles")
    names = [*(series if isinstance(series, dict) else ()), *(roles if isinstance(roles, dict) else ())]
    hint = f"The manifest has changed since the data were imported, and declares it: {ways_to_get(folder)}."
    return {name: hint for name in names if name not in lock.series and name not in lock.roles}


def _says_simulated(folder: Path) -> bool:
    """Tell whether the manifest calls the data simulated: an edited lock file does not make them real."""
    return _manifest(folder).get("synthetic") is True


def _exchange(folder: Path) -> str:
    """Return the exchange that the manifest names; empty if it names none."""
    calendar = _manifest(folder).get("calendar")
    exchange = calendar.get("exchange") if isinstance(calendar, dict) else None
    return exchange if isinstance(exchange, str) else ""


def _manifest(folder: Path) -> Parameters:
    try:
        return read_toml(read_text(folder / MANIFEST))
    except (OSError, ValueError):  # damaged or removed since the import; the lock decides
        return {}


def _notes(folder: Path, lock: Lock) -> Iterator[str]:
    yield from lock.notes
    if change := manifest_change(folder, lock):
        yield change
