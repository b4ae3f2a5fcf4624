"""Verify a recorded run: what has changed since, and which numbers that moves."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from backtest._version import __version__
from backtest.catalog.provenance import SHORT
from backtest.data.store.read import load_dataset
from backtest.errors import BacktestError
from backtest.files import sha256_of
from backtest.model import Dataset, Note, Record
from backtest.record.read import read_run
from backtest.study.export.origin import environment_json
from backtest.study.study import Study
from backtest.untyped import Json
from backtest.verification.moves import SUMMARY, Move, TableMoves, summary_moves, table_moves
from backtest.verification.repeat import plan_again, recorded_files, strategy_folder, study_again
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.panel.panel_run import PanelRun

ABOUT = (
    *("run_id", "created", "version", "source", "overrides", "environment", "files", "sha256"),
    *("dataset", "calibration", "ledger"),
)
"""Keys of the summary that say which run it is, by what and from what: a change of these is said in words."""
FEW = 20


@dataclass(frozen=True)
class Verification:
    """Whether a recorded run comes out the same.

    Attributes
    ----------
    run : dict
        The content of its ``run.json``.
    changes : tuple of Note
        What has changed since it was recorded: data, version, environment, files, text.
    refusal : str
        Why it could not be computed again; empty where it was.
    tables : tuple of TableMoves
        Each table of the record and ``run.json``, compared.
    unrecorded : tuple of str
        Tables that are computed now and that the record does not have.
    """

    run: Json
    changes: tuple[Note, ...]
    refusal: str = ""
    tables: tuple[TableMoves, ...] = ()
    unrecorded: tuple[str, ...] = field(default=())

    @property
    def identical(self) -> bool:
        """Whether every recorded value was computed again, and is the same to the last bit."""
        return not self.refusal and all(table.same for table in self.tables)

    @property
    def values(self) -> int:
        """Values that were compared."""
        return sum(table.values for table in self.tables)

    @property
    def moved(self) -> int:
        """Values that are not as recorded."""
        return sum(len(table.moves) for table in self.tables)

    def largest(self, n: int, among: Collection[str] | None = None) -> list[Move]:
        """Return the moves that are largest relative to their value.

        Those of ``run.json``, which repeats what the tables hold, come last.

        Parameters
        ----------
        n : int
            How many at most.
        among : collection of str, optional
            The tables that are looked at; by default all.
        """
        moves = [move for table in self.tables if among is None or table.table in among for move in table.moves]
        return sorted(moves, key=lambda one: (one.table == SUMMARY, -one.size))[:n]

    @property
    def sentence(self) -> str:
        """The result in words."""
        if self.refusal:
            return f"Not computed again: {self.refusal}"
        if self.identical:
            return f"Bit-identical: all {self.values:,} values of the record come out the same."
        rows = sum(table.gone + table.added for table in self.tables)
        apart = f", {rows:,} rows or keys come or go" if rows else ""
        said = f"Not identical: {self.moved:,} of {self.values:,} values moved{apart}."
        if any(note.code != "text" for note in self.changes):
            return said
        return f"{said} Nothing that the record names has changed: the code has, or the record was altered."

    def to_json(self) -> Json:
        """Return the result as JSON."""
        return {
            "schema": 1,
            "run_id": self.run["run_id"],
            "strategy": self.run["strategy"],
            "dataset": self.run["dataset"],
            "identical": self.identical,
            "verdict": self.sentence,
            "changes": [note.to_json() for note in self.changes],
            "computed": not self.refusal,
            "values": self.values,
            "moved": self.moved,
            "tables": [table.to_json() for table in self.tables],
            "largest": [move.to_json() for move in self.largest(FEW)],
            "unrecorded": list(self.unrecorded),
        }


def verify_run(workspace: Workspace, folder: Path) -> Verification:
    """Compute a recorded run again, and compare.

    Parameters
    ----------
    workspace : Workspace
        Where its dataset and its own Python are looked up.
    folder : Path
        The folder of the run; nothing in it is changed.

    Raises
    ------
    RunUnreadable
        A file of it is damaged, or of a version that this one cannot read.
    """
    record = read_run(folder)
    run = record.run
    changes = [*_made_by(run), *_files(workspace, run)]
    try:
        data = load_dataset(workspace.dataset(str(run["dataset"]["name"])))
    except BacktestError as error:
        then = f"sha256 {run['dataset']['sha256'][:SHORT]} then"
        absent = Note("data", "dataset", f"The dataset '{run['dataset']['name']}' is not here ({then}).")
        return Verification(run, (absent, *changes), str(error))
    changes = [*_data(run, data), *changes]
    try:
        study = study_again(plan_again(workspace, run, data), run)
    except BacktestError as error:
        return Verification(run, tuple(changes), str(error))
    return _compared(record, study, tuple(changes))


def _compared(record: Record, study: Study | PanelRun, changes: tuple[Note, ...]) -> Verification:
    summary = json.loads(json.dumps(study.summary))
    if record.run.get("calibration") != summary.get("calibration"):
        text = "What 'calibrate' measured on data like these is another now; the run quotes what it was then."
        changes = (*changes, Note("calibration", "calibration", text))
    of_run = summary_moves(*({k: v for k, v in one.items() if k not in ABOUT} for one in (record.run, summary)))
    new = study.tables
    days = [_days(tables["events"]) for tables in (record.tables, new)]
    tables = [table_moves(name, old, new.get(name, old.slice(0, 0)), days) for name, old in record.tables.items()]
    return Verification(
        record.run, changes, "", (*tables, of_run), tuple(name for name in new if name not in record.tables)
    )


def _days(events: pa.Table) -> dict[int, str]:
    """Return what tells an event from others, by its number: its day 0, and on a panel its asset, too."""
    return {
        row["event"]: " ".join(filter(None, (row["day0"].isoformat(), row.get("asset")))) for row in events.to_pylist()
    }


def _data(run: Json, data: Dataset) -> Iterator[Note]:
    then = str(run["dataset"]["sha256"])
    if data.sha256 != then:
        text = f"The dataset '{data.name}' has changed: sha256 {then[:SHORT]} then, {data.sha256[:SHORT]} now."
        yield Note("data", "dataset", text)


def _made_by(run: Json) -> Iterator[Note]:
    if run["version"] != __version__:
        text = f"Recorded by episode-backtest {run['version']}; this is {__version__}."
        yield Note("version", "version", text)
    then: Mapping[str, Any] = run.get("environment") or {}
    now = environment_json()
    other = [
        f"{name} {version} then, {now.get(name)} now" for name, version in then.items() if now.get(name) != version
    ]
    if other:
        yield Note("environment", "environment", f"Computed with other versions: {'; '.join(other)}.")
    if not run.get("source"):
        text = "An earlier version recorded it without the strategy's text: its parameters are taken."
        yield Note("text", "strategy", text)


def _files(workspace: Workspace, run: Json) -> Iterator[Note]:
    folder = strategy_folder(workspace, run)
    for name, then in recorded_files(run).items():
        path = folder / name
        now = sha256_of(path.read_bytes()) if path.is_file() else None
        if now is None:
            yield Note("file", name, f"'{name}' is no longer in {folder} (sha256 {then[:SHORT]} then).")
        elif now != then:
            yield Note("file", name, f"'{name}' has changed: sha256 {then[:SHORT]} then, {now[:SHORT]} now.")
    path, text = folder / f"{run['strategy']}.toml", (run.get("source") or {}).get("text")
    if text is not None and path.is_file() and path.read_text(encoding="utf-8-sig", errors="replace") != text:
        yield Note("text", "strategy", f"{path.name} has changed; the text that was recorded is taken.")
