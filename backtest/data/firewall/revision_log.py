"""The log of restated history: every changed row, in a file beside the lock, until the manifest accepts it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.data.firewall.findings import covers
from backtest.data.manifest.manifest import Manifest
from backtest.data.store.lock import read_lock
from backtest.errors import BacktestError
from backtest.files import sha256_of, write_file
from backtest.model import Contracts, Floats, Sessions
from backtest.model.finding import Change, Finding

FOLDER = "restated"
RULES = ("restated", "lost_rows")
LISTED = 150
"""Most rows per column that a lock file lists, the first ones; the file beside it has them all."""
LATEST = 5
"""Findings of a rule on one column that are kept separate, the latest ones."""
COLUMNS = pa.schema(
    [
        pa.field("rule", pa.string()),
        pa.field("column", pa.string()),
        pa.field("date", pa.date32()),
        pa.field("contract", pa.string()),
        pa.field("before", pa.float64()),
        pa.field("after", pa.float64()),
    ]
)


def open_findings(
    folder: Path,
    manifest: Manifest,
    sessions: Sessions,
    columns: Mapping[str, Floats],
    tables: Mapping[str, Contracts | pa.Table],
) -> list[Finding]:
    """Return the earlier findings on restated history that still apply.

    It stays until the manifest accepts it by name (``checks.accept``) or no longer has the series; lost rows stay
    until they are back. For each column and rule, the `LATEST` findings stay as they are, and all earlier ones are
    merged into one, with all their rows.

    Parameters
    ----------
    folder : Path
        The dataset's folder, which still has the old lock file.
    manifest : Manifest
        The current manifest.
    sessions, columns, tables
        The new content of the dataset, as for `store.write`.
    """
    groups: dict[tuple[str, str], list[Finding]] = {}
    for item in findings_of(folder):
        accepted = any(covers(one, item) for one in manifest.checks.accept)
        if item.rule not in RULES or item.series not in manifest.series or accepted:
            continue
        there = _present_rows(item.column, sessions, columns, tables) if item.rule == "lost_rows" else frozenset()
        if kept := _still_gone(folder, item, there):
            groups.setdefault((item.rule, item.column), []).append(kept)
    return [item for group in groups.values() for item in _merge_older(folder, group)]


def findings_of(folder: Path) -> list[Finding]:
    """Return the findings in a dataset's lock file."""
    try:
        return read_lock(folder).findings
    except BacktestError:  # no data, or none that can be read: there was nothing to compare with either
        return []


def _present_rows(
    column: str, sessions: Sessions, columns: Mapping[str, Floats], tables: Mapping[str, Contracts | pa.Table]
) -> frozenset[tuple[dt.date, str]]:
    """Name the dates on which a column now has a value; for futures, with the contract month."""
    if column in columns:
        days = sessions[~np.isnan(columns[column])]
        return frozenset((day, "") for day in days.tolist())
    table = tables.get(column)
    if not isinstance(table, Contracts):
        return frozenset()
    months = table.month.astype("datetime64[M]").astype(str)
    return frozenset(zip(table.days(sessions).tolist(), months.tolist(), strict=True))


def _still_gone(folder: Path, item: Finding, there: frozenset[tuple[dt.date, str]]) -> Finding | None:
    """Return a finding without the rows that are back; None if all are back."""
    if not there:
        return item
    rows = _rows(folder, item)
    gone = tuple(row for row in rows if (row.date, row.contract) not in there)
    if len(gone) == len(rows):
        return item
    text = f"{item.column}: {len(gone):,} of {len(rows):,} lost rows are still missing"
    return _rewritten(item, gone, text) if gone else None


def _merge_older(folder: Path, group: list[Finding]) -> list[Finding]:
    """Merge all findings on a column except the latest ones; the newest come first."""
    latest, older = group[:LATEST], group[LATEST:]
    if len(older) < 2:
        return group
    rows = tuple(row for item in older for row in _rows(folder, item))
    what = "lost" if older[0].rule == "lost_rows" else "restated"
    text = f"{older[0].column}: {len(rows):,} rows {what} up to {older[0].found}, at several times"
    return [*latest, _rewritten(older[-1], rows, text)]


def _rewritten(item: Finding, rows: tuple[Change, ...], text: str) -> Finding:
    """Return a finding with other rows, to be listed in a file of its own."""
    first, last = min(row.date for row in rows), max(row.date for row in rows)
    text = f"{text}, {first} to {last}."
    return replace(item, text=text, first=first, last=last, count=len(rows), changes=rows, file="")


def _rows(folder: Path, item: Finding) -> tuple[Change, ...]:
    """Return all rows of a finding; if the file beside the lock cannot be read, those that the lock file lists."""
    try:
        rows = pq.ParquetFile(folder / item.file).read().to_pylist() if item.file else []
    except (OSError, pa.ArrowException):
        rows = []
    mine = [row for row in rows if (row["rule"], row["column"]) == (item.rule, item.column)]
    listed = tuple(Change(row["date"], row["before"], row["after"], row["contract"] or "") for row in mine)
    return listed or item.changes


def write_rows(folder: Path, findings: Sequence[Finding], today: dt.date) -> list[Finding]:
    """List every restated or lost row in a Parquet file, and name that file in the findings.

    A file has a column's rows for one finding per rule; a second finding on the same rows goes into a second file.

    Columns of the file: ``rule``, ``column``, ``date``, ``contract`` (futures only), ``before`` and ``after`` in the
    unit of the column (fractions for a total return); null where there is none. The file is written before the lock
    file that names it.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    findings : sequence of Finding
        What was found or merged now, with all rows; findings of other rules are returned unchanged.
    today : date
        The date of the finding.
    """
    seen, files = Counter[tuple[str, str]](), dict[int, list[int]]()
    for place, item in enumerate(findings):
        if item.rule in RULES and not item.file:
            seen[item.rule, item.column] += 1
            files.setdefault(seen[item.rule, item.column], []).append(place)
    listed = list(findings)
    for places in files.values():
        name = _write(folder / FOLDER, [findings[place] for place in places], today)
        for place in places:
            listed[place] = _for_the_lock(findings[place], name, today)
    return listed


def remove_unnamed(folder: Path, findings: Iterable[Finding]) -> None:
    """Remove the files that no finding in the lock file names any more."""
    named = {item.file.rpartition("/")[2] for item in findings}
    for path in (folder / FOLDER).glob("*.parquet"):
        if path.name not in named:
            path.unlink(missing_ok=True)


def _for_the_lock(item: Finding, name: str, today: dt.date) -> Finding:
    when = f"First found on {item.found}" if item.found else f"Found on {today}"
    text = f"{item.text} {when}; all rows: {name}."
    return replace(item, text=text, changes=item.changes[:LISTED], found=item.found or today, file=name)


def _write(folder: Path, findings: Sequence[Finding], today: dt.date) -> str:
    rows = [(item, change) for item in findings for change in item.changes]
    columns = [
        [item.rule for item, _ in rows],
        [item.column for item, _ in rows],
        [change.date for _, change in rows],
        [change.contract or None for _, change in rows],
        [change.before for _, change in rows],
        [change.after for _, change in rows],
    ]
    arrays = [pa.array(values, kind) for values, kind in zip(columns, COLUMNS.types, strict=True)]
    out = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays, schema=COLUMNS), out, compression="zstd")
    content = out.getvalue().to_pybytes()
    name = f"{today}-{sha256_of(content)[:12]}.parquet"
    write_file(folder / name, content)
    return f"{FOLDER}/{name}"
