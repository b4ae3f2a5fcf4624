"""``backtest data``: datasets, bringing your own files, and pulling from providers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtest.cli.console import print_json, print_table, print_text, shown_path
from backtest.cli.options import DATE, json_option
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.data.manifest.manifest import Manifest
    from backtest.data.store.lock import Lock

NO_DATA = "no data yet"
STAYS = re.compile(r"^repaired on request: .* = (sort|blank)")
"""What was done to rows that are kept: they are moved, or a value of them is blanked."""
repair_option = click.option(
    "--repair",
    "repairs",
    multiple=True,
    metavar="RULE=ACTION",
    help="Mend what a rule finds, e.g. unsorted=sort; what was done is listed.",
)


@click.group()
def data() -> None:
    """List datasets, import your own files, pull from providers."""


@data.command("list")
@json_option
def list_datasets(as_json: bool) -> None:
    """List the datasets known here, and which of them have data."""
    rows = dataset_rows(Workspace.find())
    if as_json:
        print_json({"schema": 1, "datasets": rows})
        return
    headers = ("name", "title", "sessions")
    print_table(headers, [[str(row[key]) for key in headers] for row in rows], left=range(len(headers)))


@data.command("import")
@click.argument("name")
@click.option(
    "--from",
    "source",
    required=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Folder that the manifest's files are in, or a file of it.",
)
@repair_option
@click.option("--new", is_flag=True, help="Write a first manifest, even for a name that is nearly a known one.")
@json_option
def import_(name: str, source: Path, repairs: tuple[str, ...], new: bool, as_json: bool) -> None:
    """Import a dataset's files: checked, tidied, whole or not at all.

    \b
    backtest data import us-size --from DIR
    backtest data import mydata --from prices.csv

    The manifest, datasets/NAME/manifest.toml, says which files and columns are
    read. Where there is none, a first one is guessed, shown, and yours to edit.
    """
    from backtest.cli.data.import_ import import_and_print

    import_and_print(name, source, new=new, repairs=repairs, as_json=as_json, track=_track, print_lock=print_lock)


@data.command("check")
@click.argument("name")
@click.option(
    "--from",
    "source",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Check these files, as an import would; nothing is written.",
)
@repair_option
@json_option
def check(name: str, source: Path | None, repairs: tuple[str, ...], as_json: bool) -> None:
    """Look for damage in a dataset, or in files before they are imported.

    \b
    backtest data check us-size
    backtest data check us-size --from DIR --json

    An error ends with status 1. Thresholds: the manifest's table [checks].
    """
    from backtest.cli.data.check import check_and_print

    check_and_print(name, source, repairs, as_json)


@data.command("pull")
@click.argument("name")
@click.option("--refresh", is_flag=True, help="Fetch everything again, also what has come since the last close.")
@click.option("--since", type=DATE, metavar="DATE", help="Leave out what is before this day, and is not there yet.")
@repair_option
@json_option
def pull(name: str, refresh: bool, since: datetime | None, repairs: tuple[str, ...], as_json: bool) -> None:
    """Fetch a dataset's series from their providers: whole or not at all.

    \b
    backtest data pull us-french
    backtest data pull us-size --refresh

    What has come is kept: after a failure, the next pull goes on with the rest.
    """
    from backtest.cli.data.pull import pull_and_print

    pull_and_print(name, since.date() if since else None, refresh, repairs, as_json)


def print_lock(done: str, lock: Lock) -> None:
    """Print what was written: a line, the series, the notes."""
    files = sum(file.bytes for file in lock.files.values())
    print_text(f"{done} {lock.dataset}: {len(lock.series)} series, {_span(lock)}, {files / 1e6:.1f} MB.", bold=True)
    print_table(*_series_table(lock), left=(0, 1, 2, 3))
    for note in lock.notes:
        print_text(f"Note: {note}")


def dataset_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """Return one row a dataset: name, title, sessions (or why there are none), path; broken ones say so."""
    from backtest.data.manifest.manifest import read_manifest
    from backtest.data.store.lock import read_lock
    from backtest.errors import DatasetCorrupt, DatasetUnavailable, ManifestInvalid

    rows = []
    for name, folder in workspace.datasets().items():
        sessions = ""
        try:
            title = read_manifest(folder).title
            sessions = _span(read_lock(folder))
        except DatasetUnavailable:
            sessions = NO_DATA
        except (ManifestInvalid, DatasetCorrupt) as error:
            title = f"cannot be used: {error}"
        rows.append({"name": name, "title": title, "sessions": sessions, "path": str(folder)})
    return rows


def show_dataset(workspace: Workspace, name: str, as_json: bool) -> None:
    """Print what a dataset holds: series, spans, sources and roles; without data, what its manifest names."""
    from backtest.data.manifest.manifest import read_manifest
    from backtest.data.store.lock import manifest_change, read_lock
    from backtest.errors import DatasetUnavailable

    folder = workspace.dataset(name)
    manifest = read_manifest(folder)
    try:
        lock, unavailable = read_lock(folder), None
    except DatasetUnavailable as error:
        lock, unavailable = None, error
    change = manifest_change(folder, lock) if lock else ""
    if as_json:
        content = lock.model_dump(mode="json") if lock else None
        shown = {"schema": 1, "path": str(folder), "manifest": _manifest_json(manifest), "dataset": content}
        print_json({**shown, "manifest_change": change or None})
        return
    print_text(manifest.title, bold=True)
    if manifest.description:
        print_text(" ".join(manifest.description.split()))
    print_text(f"{shown_path(folder)}; licence: {manifest.licence}")
    if change:
        print_text(f"Note: {change} What follows is what was imported.")
    if roles := lock.roles if lock else manifest.roles:
        print_table(("role", "series"), list(roles.items()), left=(0, 1))
        print_text()
    print_table(*(_series_table(lock) if lock else _named_table(manifest)), left=(0, 1, 2, 3))
    if unavailable:
        print_text(unavailable.message)
        print_text(unavailable.hint)
    if lock is None:
        return
    _print_lock(lock)


def _print_lock(lock: Lock) -> None:
    from backtest.cli.data.check import print_findings
    from backtest.cli.data.coverage import print_coverage, print_origins

    print_text()
    print_coverage(lock)
    print_origins(lock)
    print_text(f"sha256 {lock.sha256}, written {lock.created:%Y-%m-%d %H:%M} UTC")
    for note in lock.notes:
        print_text(f"Note: {note}")
    print_findings(lock.findings)


def _span(lock: Lock) -> str:
    spans = [(item.first, item.last) for item in lock.series.values() if item.first and item.last]
    return f"{min(first for first, _ in spans)} to {max(last for _, last in spans)}" if spans else NO_DATA


def _series_table(lock: Lock) -> tuple[tuple[str, ...], list[list[str]]]:
    headers = ("series", "kind", "first", "last", "rows", "left out")
    rows = [
        [
            name,
            _words(item.kind),
            str(item.first),
            str(item.last),
            f"{item.rows:,}",
            f"{sum(d.rows for d in item.dropped if not STAYS.search(d.reason)):,}",
        ]
        for name, item in lock.series.items()
    ]
    return headers, rows


def _words(kind: str) -> str:
    return kind.removesuffix("_index").replace("_", " ")


def _named_table(manifest: Manifest) -> tuple[tuple[str, ...], list[list[str]]]:
    rows = [[name, _words(spec.kind), spec.file or spec.derivation] for name, spec in manifest.series.items()]
    return ("series", "kind", "from"), rows


def _manifest_json(manifest: Manifest) -> dict[str, Any]:
    return manifest.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _track(files: Iterable[str]) -> Iterator[str]:
    """Show which file is read, if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield from files
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(list(files), description="Reading", console=Console(stderr=True), transient=True)
