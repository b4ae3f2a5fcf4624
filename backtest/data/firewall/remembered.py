"""What is known of restated history: every row that changed in a file beside the lock, until it is accepted."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from backtest.data.firewall.report import covers
from backtest.data.lock import read_lock, sha256_of
from backtest.data.manifest import Manifest
from backtest.errors import BacktestError
from backtest.finding import Finding

FOLDER = "restated"
RULES = ("restated", "lost_rows")
LISTED = 150
"""Rows of a column that a lock file lists, the first ones; the file beside it has them all."""
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


def known_before(folder: Path, manifest: Manifest, found: Iterable[Finding]) -> list[Finding]:
    """Return what the lock file knows of restated history and is still to be known.

    It stays until the same column is restated once more, or the manifest accepts it by name (``checks.accept``) or no
    longer has the series.

    Parameters
    ----------
    folder : Path
        The dataset's, whose lock file is still the old one.
    manifest : Manifest
        As it is now.
    found : iterable of Finding
        What is found now.
    """
    try:
        before = read_lock(folder).findings
    except BacktestError:  # there were no data, or none that can be read: nothing was compared with them either
        return []
    anew = {(item.rule, item.column) for item in found}
    return [
        item
        for item in before
        if item.rule in RULES
        and item.series in manifest.series
        and (item.rule, item.column) not in anew
        and not any(covers(accepted, item) for accepted in manifest.checks.accept)
    ]


def write_rows(folder: Path, findings: Sequence[Finding], today: dt.date) -> list[Finding]:
    """List every row that is found restated or lost in a Parquet file, and say so in the findings.

    Columns of the file: ``rule``, ``column``, ``date``, ``contract`` (of futures), ``before`` and ``after`` in the unit
    of the column; null where there is none, and fractions for a total return. The file is there before the lock file
    that names it.

    Parameters
    ----------
    folder : Path
        The dataset's.
    findings : sequence of Finding
        What is found now, with all rows; other rules' findings are returned as they are.
    today : date
        When it was found.
    """
    new = [item for item in findings if item.rule in RULES and not item.file]
    if not new:
        return list(findings)
    name = _write(folder / FOLDER, new, today)
    return [_short(item, name, today) if item.rule in RULES and not item.file else item for item in findings]


def remove_unnamed(folder: Path, findings: Iterable[Finding]) -> None:
    """Remove the files that no finding of the lock file names any more."""
    named = {item.file.rpartition("/")[2] for item in findings}
    for path in (folder / FOLDER).glob("*.parquet"):
        if path.name not in named:
            path.unlink(missing_ok=True)


def _short(item: Finding, name: str, today: dt.date) -> Finding:
    text = f"{item.text} Found on {today}; all rows: {name}."
    return replace(item, text=text, changes=item.changes[:LISTED], found=today, file=name)


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
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f".{name}-{os.getpid()}"
    try:
        new.write_bytes(content)
        new.replace(folder / name)
    finally:
        new.unlink(missing_ok=True)
    return f"{FOLDER}/{name}"
