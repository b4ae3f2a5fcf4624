"""Inspect a stored dataset with every rule that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from backtest.data.firewall.exchange import exchange_of
from backtest.data.firewall.findings import Report
from backtest.data.firewall.inspect import RECOMPUTED, inspect
from backtest.data.firewall.stale import findings_on_left_out
from backtest.data.manifest.manifest import Manifest
from backtest.data.manifest.panel_table import PanelChecks
from backtest.data.manifest.read import read_manifest
from backtest.data.panel.bulk_rules import OF_CLOSES, as_findings, counted_by_asset, merged, rows_of_closes
from backtest.data.store.lock import Lock, read_lock
from backtest.data.store.read import load_dataset
from backtest.model.finding import Finding
from backtest.model.panel import BulkFinding
from backtest.workspace import Workspace


def check_dataset(name: str, workspace: Workspace) -> list[Finding]:
    """Find what the rules report on a dataset as stored, with the current thresholds of its manifest.

    The lock file adds the findings on the delivered files, those from the comparison with earlier data, and those on
    stale quotes that were left out.

    Raises
    ------
    NotFound, ManifestInvalid, DatasetUnavailable, DatasetCorrupt
        There is no such dataset, or it cannot be read.
    """
    folder = workspace.dataset(name)
    manifest, lock, prices = read_manifest(folder), read_lock(folder), load_dataset(folder).prices
    sessions = prices.sessions
    exchange = exchange_of(manifest.calendar.exchange, sessions[0], sessions[-1], manifest.checks.calendar_since)
    report = Report(manifest)
    report.add(inspect(manifest, sessions, dict(prices.columns), dict(prices.tables), exchange))
    kept = [item for item in lock.findings if item.rule not in RECOMPUTED]
    in_bulk = as_findings(_of_panel(folder, manifest, lock))
    return [*kept, *findings_on_left_out(lock.findings, lock.series), *report.findings, *in_bulk]


def _of_panel(folder: Path, manifest: Manifest, lock: Lock) -> tuple[BulkFinding, ...]:
    """Find what the rules of closes report on the stored blocks; the lock adds those on the delivered rows."""
    source = load_dataset(folder).panel
    if source is None or lock.panel is None:
        return ()
    checks = manifest.panel.checks if manifest.panel else PanelChecks()
    found = [one for one in lock.panel.findings if one.rule not in OF_CLOSES or one.set_aside]
    for block in source.blocks:
        counts = rows_of_closes(source.read_block(block).close, checks)
        found += [counted_by_asset(block.assets, rows, rule) for rule, rows in counts.items()]
    return merged(found)
