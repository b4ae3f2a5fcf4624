"""Import: from a folder of delivered files to a dataset, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from backtest.data.files.group_rows import select_series
from backtest.data.files.reading import read_source
from backtest.data.files.source import Source
from backtest.data.firewall.findings import Report
from backtest.data.firewall.impossible_dates import utc_today
from backtest.data.firewall.inspect import inspect
from backtest.data.firewall.revision_log import findings_of, open_findings, remove_unnamed, write_rows
from backtest.data.firewall.revisions import previous_prices
from backtest.data.firewall.stale import findings_on_left_out, mention_left_out, without_stale_contracts
from backtest.data.ingest.align import Gathered, gather, notes_of
from backtest.data.ingest.derive import derive
from backtest.data.manifest.checks import Repairs
from backtest.data.manifest.manifest import Manifest, Series
from backtest.data.manifest.read import read_manifest
from backtest.data.panel.bulk_rules import as_findings
from backtest.data.panel.write_blocks import PanelImport, panel_import
from backtest.data.store import write as store
from backtest.data.store.exclusive import writing
from backtest.data.store.lock import Lock, Origin
from backtest.errors import DataRefused
from backtest.files import MOST_TEXT, read_file, write_file
from backtest.model import Contracts
from backtest.model.finding import Finding
from backtest.workspace import MANIFEST, Workspace


def import_dataset(
    name: str,
    source: Path,
    workspace: Workspace | None = None,
    repairs: Repairs | None = None,
    today: dt.date | None = None,
) -> Lock:
    """Import a dataset's files into the workspace; the existing data stay in place until the import is complete.

    A blank value stays missing. Rows on dates that are not sessions are left out, counted, and listed in the lock
    file. Nothing is filled in.

    Parameters
    ----------
    name : str
        The dataset's name, as in its manifest.
    source : Path
        The folder that the manifest's ``file`` keys refer to.
    workspace : Workspace, optional
        Where the manifest is looked up and the data are written; default: the workspace of the current folder.
    repairs : Repairs, optional
        Repairs besides those in the manifest.
    today : date, optional
        The latest allowed date; default: today in UTC.

    Raises
    ------
    NotFound
        There is no such manifest.
    ManifestInvalid
        The manifest is invalid.
    DataRefused
        Files are missing, or a value breaks a rule; the message names file, place, value and rule. Or another import or
        pull is still writing the dataset after several seconds.
    """
    workspace = workspace or Workspace.find()
    folder, own = workspace.dataset(name), workspace.own_dataset(name)
    manifest = read_manifest(folder)
    panel = panel_import(manifest.panel, source) if manifest.panel else None
    sources, absent = open_sources(manifest, source)
    with writing(own):
        return assemble(manifest, sources, absent, folder, own, repairs=repairs, today=today, panel=panel)


def check_files(
    name: str, source: Path, workspace: Workspace, repairs: Repairs | None = None, today: dt.date | None = None
) -> list[Finding]:
    """Report what an import of these files would find; nothing is written.

    Raises
    ------
    NotFound, ManifestInvalid, DataRefused
        As for `import_dataset`; its refusals carry the findings.
    """
    manifest = read_manifest(workspace.dataset(name))
    panel = panel_import(manifest.panel, source) if manifest.panel else None
    sources, absent = open_sources(manifest, source)
    report = Report(manifest)
    gathered = _examined(manifest, sources, absent, workspace.own_dataset(name), repairs, report, today or utc_today())
    return [*report.findings, *(as_findings(panel.inspect(gathered.sessions)) if panel else [])]


def assemble(
    manifest: Manifest,
    sources: dict[str, Source],
    absent: Sequence[str],
    folder: Path,
    own: Path,
    *,
    origins: Mapping[str, Origin] | None = None,
    notes: Sequence[str] = (),
    repairs: Repairs | None = None,
    today: dt.date | None = None,
    panel: PanelImport | None = None,
) -> Lock:
    """Check, align, derive and store series, however they were delivered; import and pull both call it in `writing`.

    Parameters
    ----------
    manifest : Manifest
        What the series are.
    sources : dict of str to Source
        The source of each delivered series, by series name. It is emptied on the way to free memory.
    absent : sequence of str
        The series, including derived ones, that this dataset goes without.
    folder, own : Path
        The folder that the manifest was read from, and the folder that is written.
    origins : mapping of str to Origin, optional
        What the lock says about a series instead of its source's name and hash; rows left out here are added.
    notes : sequence of str, optional
        What else the reader of a result on these data must know.
    repairs : Repairs, optional
        Repairs besides those in the manifest.
    today : date, optional
        The latest allowed date; default: today in UTC.
    panel : PanelImport, optional
        The panel that belongs to the series.

    Raises
    ------
    DataRefused
        A value breaks a rule; the message names place, value and rule. The existing data are unchanged.
    """
    report, today = Report(manifest), today or utc_today()
    gathered = _examined(manifest, sources, absent, own, repairs, report, today)
    for series, origin in (origins or {}).items():
        again = gathered.origins[series].dropped  # rows that moved before are found again
        dropped = [*origin.dropped, *(item for item in again if item not in origin.dropped)]
        gathered.origins[series] = origin.model_copy(update={"dropped": dropped})
    report.add(findings_on_left_out(findings_of(own), origins or {}))
    if own != folder:
        _copy_manifest(folder, own)
    missing = [f"Optional series that were not delivered: {', '.join(absent)}."] if absent else []
    findings = write_rows(own, report.findings, today)
    lock = store.write(
        own,
        manifest.as_kept(),
        gathered.sessions,
        gathered.columns,
        gathered.tables,
        origins=gathered.origins,
        notes=[*notes_of(gathered.origins), *missing, *notes],
        findings=findings,
        panel=panel.write if panel else None,
    )
    remove_unnamed(own, findings)
    return lock


def _examined(
    manifest: Manifest,
    sources: dict[str, Source],
    absent: Sequence[str],
    own: Path,
    repairs: Repairs | None,
    report: Report,
    today: dt.date,
) -> Gathered:
    """Gather, derive and inspect all series; an error refuses."""
    requested = manifest.checks.repair.model_copy(update=(repairs or Repairs()).model_dump(exclude_none=True))
    gathered = gather(manifest, sources, requested, report, today)
    delivered = dict(gathered.tables)
    if requested.stale_futures:
        _leave_out_stale(manifest, gathered)
    for series in manifest.derived_in_order():
        if series not in absent:
            spec = manifest.series[series]
            values, words = derive(series, spec, gathered.sessions, gathered.columns, gathered.tables)
            gathered.columns[series] = values
            gathered.origins[series] = Origin(derivation=words)
    # Rows left out by a repair are found all the same, and do not count as lost.
    before, now = previous_prices(own), (gathered.sessions, gathered.columns, delivered)
    report.add(mention_left_out(inspect(manifest, *now, gathered.exchange, before), gathered.origins))
    report.add(open_findings(own, manifest, *now))
    report.refuse()
    return gathered


def _leave_out_stale(manifest: Manifest, gathered: Gathered) -> None:
    threshold = manifest.checks.stale_futures
    if not threshold:
        raise DataRefused(
            f"dataset '{manifest.name}': the repair stale_futures = drop needs its rule, but checks.stale_futures = 0 "
            "switches it off.",
            f"Set checks.stale_futures in {MANIFEST}, or omit the repair.",
        )
    for name, table in gathered.tables.items():
        if isinstance(table, Contracts):
            gathered.tables[name], dropped = without_stale_contracts(gathered.sessions, table, threshold)
            origin = gathered.origins[name]
            gathered.origins[name] = origin.model_copy(update={"dropped": [*origin.dropped, *dropped]})


def open_sources(manifest: Manifest, source: Path) -> tuple[dict[str, Source], list[str]]:
    """Open each file that a manifest names once, and name the series that the dataset goes without.

    Raises
    ------
    DataRefused
        A required file is missing or damaged.
    """
    names, absent = _present(manifest, source)
    specs = {name: manifest.series[name] for name in names}
    files = {name: (spec.file or "", spec.separator, spec.table, spec.sheet) for name, spec in specs.items()}
    declared = {}
    for key in dict.fromkeys(files.values()):
        file, separator, table, sheet = key
        mine = {name: spec for name, spec in specs.items() if files[name] == key}
        wanted = _columns_of(mine.values())
        declared.update(select_series(read_source(source, file, separator, table, wanted, sheet), mine))
    return {name: declared[name] for name in specs}, absent


def _columns_of(specs: Iterable[Series]) -> set[str]:
    """Name the columns from which the given series are read."""
    return {column for spec in specs for column in spec.columns_read()}


def _present(manifest: Manifest, source: Path) -> tuple[list[str], list[str]]:
    """Name the delivered series whose files exist, and the optional ones (also derived) that are absent."""
    if not source.is_dir():
        raise DataRefused(f"{source}: is not a folder.", "Give the folder that holds the files: --from DIR")
    delivered = {series: spec for series, spec in manifest.series.items() if not spec.inputs}
    if not any(spec.file for spec in delivered.values()):
        raise DataRefused(f"dataset '{manifest.name}': its manifest names no file to import.")
    missing = {series: spec for series, spec in delivered.items() if not (spec.file and (source / spec.file).is_file())}
    absent = with_derived(manifest, missing)
    needed = list(dict.fromkeys(_wanted(series, manifest) for series in absent if not manifest.series[series].optional))
    if needed:
        raise DataRefused(
            f"{source}: dataset '{manifest.name}' needs files that are missing: {', '.join(needed)}.",
            f"Add them, or mark their series optional = true in {MANIFEST}.",
        )
    return [series for series in delivered if series not in missing], absent


def with_derived(manifest: Manifest, missing: Iterable[str]) -> list[str]:
    """Name the missing series and every series that cannot be derived without them."""
    absent = list(missing)
    for series in manifest.derived_in_order():
        if any(other in absent for other in manifest.series[series].inputs):
            absent.append(series)
    return absent


def _wanted(series: str, manifest: Manifest) -> str:
    spec = manifest.series[series]
    return spec.file or (f"{series} ({spec.derivation})" if spec.inputs else f"{series} (its manifest names no file)")


def _copy_manifest(folder: Path, own: Path) -> None:
    write_file(own / MANIFEST, read_file(folder / MANIFEST, MOST_TEXT))
