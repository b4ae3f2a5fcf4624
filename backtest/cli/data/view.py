"""How a dataset is shown: from its lock file, and from its manifest."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from backtest.cli.console import print_json, print_table, print_text, shown_path, working, write
from backtest.cli.data.coverage import print_coverage, print_origins
from backtest.cli.data.findings_view import findings_of, print_findings
from backtest.cli.data.panel_view import print_panel
from backtest.format import plural
from backtest.untyped import Json
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.data.manifest.manifest import Manifest
    from backtest.data.store.lock import Lock

NO_DATA = "no data yet"


def print_lock(done: str, lock: Lock) -> None:
    """Print what was written: a heading, the series, the notes."""
    files = sum(file.bytes for file in lock.files.values())
    assets = f" and {plural(lock.panel.assets, 'asset')}" if lock.panel else ""
    heading = f"{done} {lock.dataset}: {len(lock.series)} series{assets}, {_span(lock)}, {files / 1e6:.1f} MB."
    print_text(heading, bold=True)
    print_table(*_series_table(lock), left=(0, 1, 2, 3))
    if lock.panel:
        print_panel(lock.panel)
    for note in lock.notes:
        print_text(f"Note: {note}")


def print_written(folder: Path, workspace: Workspace) -> None:
    """Print a dataset's folder, and a first command that works on it, on a line that can be copied."""
    from backtest.data.store.read import load_dataset
    from backtest.panel.first_on_panel import first_on_panel
    from backtest.study.first_command import first_command

    print_text(f"Written to {shown_path(folder)}.")
    with working("Looking for a first study…"):
        data = load_dataset(folder)
        command = (first_command if data.panel is None else first_on_panel)(data, workspace)
    write(f"Try: {command or f'backtest show {shlex.quote(folder.name)}'}")


def dataset_rows(workspace: Workspace) -> list[Json]:
    """Return one row per dataset: name, title (or its error), sessions (or why there are none), assets, path."""
    from backtest.data.manifest.read import read_manifest
    from backtest.data.store.lock import read_lock
    from backtest.errors import DatasetCorrupt, DatasetUnavailable, ManifestInvalid

    rows = []
    for name, folder in workspace.datasets().items():
        sessions, assets = "", None
        try:
            title = read_manifest(folder).title
            lock = read_lock(folder)
            sessions, assets = _span(lock), lock.panel.assets if lock.panel else None
        except DatasetUnavailable:
            sessions = NO_DATA
        except (ManifestInvalid, DatasetCorrupt) as error:
            title = f"cannot be used: {error}"
        rows.append({"name": name, "title": title, "sessions": sessions, "assets": assets, "path": str(folder)})
    return rows


def show_dataset(workspace: Workspace, name: str, as_json: bool, every_date: bool = False) -> None:
    """Print a dataset's series, spans, sources and roles; without data, what its manifest names."""
    from backtest.data.manifest.read import read_manifest
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
    _print_lock(lock, every_date)


def _print_lock(lock: Lock, every_date: bool) -> None:
    if lock.panel:
        print_text()
        print_panel(lock.panel)
    print_text()
    print_coverage(lock)
    print_origins(lock)
    print_text(f"sha256 {lock.sha256}, written {lock.created:%Y-%m-%d %H:%M} UTC")
    for note in lock.notes:
        print_text(f"Note: {note}")
    print_findings(findings_of(lock), every_date)


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
            f"{sum(d.rows for d in item.dropped if not d.stays):,}",
        ]
        for name, item in lock.series.items()
    ]
    return headers, rows


def _words(kind: str) -> str:
    return kind.removesuffix("_index").replace("_", " ")


def _named_table(manifest: Manifest) -> tuple[tuple[str, ...], list[list[str]]]:
    rows = [[name, _words(spec.kind), spec.file or spec.derivation] for name, spec in manifest.series.items()]
    if manifest.panel is not None:
        rows.append(["(each asset)", _words(manifest.panel.kind), manifest.panel.file or ""])
    return ("series", "kind", "from"), rows


def _manifest_json(manifest: Manifest) -> Json:
    return manifest.model_dump(mode="json", by_alias=True, exclude_defaults=True)
