"""All rules for a whole dataset: before import and pull write it, and when `data check` reads it from disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from backtest.data.firewall.bars import out_of_bars
from backtest.data.firewall.bases import mixed_bases, uneven_ends
from backtest.data.firewall.exchange import Exchange
from backtest.data.firewall.findings import make_finding
from backtest.data.firewall.gaps import missing_sessions
from backtest.data.firewall.jumps import contract_steps, jumps, steps
from backtest.data.firewall.opens import copied_opens, far_from_closes
from backtest.data.firewall.revisions import restated, restated_contracts
from backtest.data.firewall.stale import stale_contracts, stale_values
from backtest.data.manifest.kinds import LEVELS
from backtest.data.manifest.manifest import Manifest, Series
from backtest.model import Bools, Contracts, Floats, Prices, Sessions
from backtest.model.finding import Finding

RECOMPUTED = frozenset(
    ("missing_sessions", "stale", "jump", "spike", "open_is_close", "bars", "mixed_bases", "uneven_ends", "calendar")
)
"""Rules that a stored dataset can be checked by; the others need the delivered files and are listed in the lock."""


def inspect(
    manifest: Manifest,
    sessions: Sessions,
    columns: Mapping[str, Floats],
    tables: Mapping[str, Contracts | pa.Table],
    exchange: Exchange,
    before: Prices | None = None,
) -> Iterator[Finding]:
    """Inspect a whole dataset, except derived series, which inherit the findings on their inputs.

    Parameters
    ----------
    manifest : Manifest
        What the series are, and the thresholds of the rules.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        Strictly increasing.
    columns : mapping of str to ndarray of shape (n_sessions,)
        As for `store.write`; NaN where there is no value.
    tables : mapping of str to Contracts or pyarrow.Table
        Futures and decisions; decisions are not inspected.
    exchange : Exchange
        What is known about the exchange.
    before : Prices, optional
        The previous dataset, for comparison.
    """
    yield from _calendar(sessions, exchange)
    for name, spec in manifest.series.items():
        if name in columns and not spec.inputs:
            yield from _series(name, spec, manifest, sessions, columns, exchange)
            if before is not None:
                limit = manifest.checks.lost_rows
                yield from restated(name, spec.kind, sessions, columns, before, limit)
        table = tables.get(name)
        if isinstance(table, Contracts):
            yield from stale_contracts(name, sessions, table, manifest.checks.stale_futures)
            yield from contract_steps(name, sessions, table, manifest.checks.jump_futures)
            if before is not None:
                yield from restated_contracts(name, sessions, table, before, manifest.checks.lost_rows)
    yield from mixed_bases(manifest, sessions, columns)
    yield from uneven_ends(manifest, sessions, columns)


def _calendar(sessions: Sessions, exchange: Exchange) -> Iterator[Finding]:
    if exchange.unknown:
        text = f"The sessions of {exchange.name} are not known ({exchange.unknown.rstrip('.')}): dates are not checked."
        yield make_finding("calendar", "", text, days=sessions[[0, -1]], count=len(sessions))
    elif len(early := sessions[sessions < exchange.since]):
        text = f"The calendar of {exchange.name} is trusted from {exchange.since}; the {len(early):,} sessions before "
        yield make_finding("calendar", "", text + "that are the dataset's own dates, unchecked.", days=early)


def _between_neighbours(there: Bools, changes: Floats) -> Floats:
    """Set changes across a hole to 0, since they are not changes of one session."""
    return np.where(np.diff(np.flatnonzero(there)) == 1, changes, 0.0)


def _series(
    name: str,
    spec: Series,
    manifest: Manifest,
    sessions: Sessions,
    columns: Mapping[str, Floats],
    exchange: Exchange,
) -> Iterator[Finding]:
    checks, values = manifest.checks, columns[name]
    there = ~np.isnan(values)
    days, present = sessions[there], values[there]
    if spec.kind == "rate":
        yield from missing_sessions(name, sessions, values, exchange, checks.missing_rates)
        yield from stale_values(name, days, present, checks.stale_rates, "rate")
        yield from steps(name, days, present, checks.jump_rates)
        return
    yield from missing_sessions(name, sessions, values, exchange)
    if spec.kind in LEVELS:
        yield from stale_values(name, days, present, checks.stale)
        yield from jumps(name, days[1:], _between_neighbours(there, np.diff(np.log(present))), checks, present)
    elif (present < 0).any():  # a bill's return is never negative, and may not change for weeks
        yield from stale_values(name, days, present, checks.stale, "return")
        yield from jumps(name, days, np.log1p(present / 100.0), checks)
    for field in ("open", "high", "low"):
        if (quoted := columns.get(f"{name}.{field}")) is not None:
            yield from far_from_closes(f"{name}.{field}", sessions, quoted, values, checks)
    if checks.open_is_close and (opens := columns.get(f"{name}.open")) is not None:
        yield from copied_opens(name, sessions, opens, values, checks.open_is_close)
    yield from out_of_bars(
        name, sessions, values, *(columns.get(f"{name}.{field}") for field in ("open", "high", "low"))
    )
