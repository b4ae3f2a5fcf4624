"""From series as delivered to series on the dataset's sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from backtest.data import store
from backtest.data.checks import check_contracts, check_dates
from backtest.data.firewall.delivered import REPAIRED, Delivered, in_order, on_calendar, plausible, read
from backtest.data.firewall.exchange import Exchange, exchange_of
from backtest.data.firewall.report import Report
from backtest.data.firewall.thresholds import Repairs
from backtest.data.lock import LOCK, Dropped, Origin
from backtest.data.manifest import TABLES, Manifest, Series
from backtest.data.source import Source
from backtest.errors import DataRefused
from backtest.model import Contracts, Floats, Sessions

NO_SESSION = "not a session"
NO_PRICE = "no price"


@dataclass(eq=False)
class Gathered:
    """What an import has put together so far."""

    sessions: Sessions
    exchange: Exchange
    columns: dict[str, Floats] = field(default_factory=dict)
    tables: dict[str, Contracts | pa.Table] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)


def gather(manifest: Manifest, sources: Mapping[str, Source], repairs: Repairs, report: Report) -> Gathered:
    """Read and check all series, and put them on the sessions that some of them define.

    Rows on dates that are no sessions are left out, and counted in the origins. Nothing is filled.

    Raises
    ------
    DataRefused
        A value cannot be read or breaks a rule, or no series defines the sessions.
    """
    delivered = {
        name: _checked(name, manifest.series[name], source, repairs, report)
        for name, source in sources.items()
        if manifest.series[name].kind not in TABLES
    }
    defining = [name for name in manifest.sessions_from() if name in delivered]
    if not defining:
        raise DataRefused(f"dataset '{manifest.name}': none of the series that define the sessions is there.")
    report.refuse()
    days = np.concatenate([_days(delivered[name]) for name in defining])
    exchange = exchange_of(manifest.calendar.exchange, days.min(), days.max(), manifest.checks.calendar_since)
    for name in defining:
        delivered[name], findings = on_calendar(name, delivered[name], exchange, repairs)
        report.add(findings)
    report.refuse()
    days = np.concatenate([_days(delivered[name]) for name in defining])
    # A date that the exchange does not know is no session: one file's holiday must not tear every other series.
    gathered = Gathered(np.unique(days[~exchange.is_off(days)]), exchange)
    if not len(gathered.sessions):
        raise DataRefused(f"dataset '{manifest.name}': no session is left after the repairs.")
    for name, source in sources.items():
        _place(name, manifest.series[name], source, delivered.get(name), gathered)
    return gathered


def notes_of(origins: Mapping[str, Origin]) -> list[str]:
    """Say how many rows were left out or repaired, by reason."""
    reasons = dict.fromkeys(item.reason for origin in origins.values() for item in origin.dropped)
    notes = []
    for reason in reasons:
        rows: dict[str, int] = {}
        for name, origin in origins.items():
            for item in origin.dropped:
                rows[name] = rows.get(name, 0) + (item.rows if item.reason == reason else 0)
        counts = ", ".join(f"{name} {count:,}" for name, count in rows.items() if count)
        repaired = reason.startswith(REPAIRED)
        what = f"Rows {reason}" if repaired else f"Rows left out ({reason})"
        notes.append(f"{what}: {counts}; {LOCK} lists them.")
    return notes


def _checked(name: str, spec: Series, source: Source, repairs: Repairs, report: Report) -> Delivered:
    delivered, findings = in_order(name, read(spec, source), repairs)
    report.add(findings)
    delivered, findings = plausible(name, spec, delivered, repairs)
    report.add(findings)
    return delivered


def _days(delivered: Delivered) -> Sessions:
    """Return the dates on which the series has a close; a date with a blank is no witness of a session."""
    days: Sessions = delivered.dates[~np.isnan(delivered.fields[""])]
    return days


def _place(name: str, spec: Series, source: Source, delivered: Delivered | None, gathered: Gathered) -> None:
    if delivered is not None:
        columns, dropped = _aligned(delivered, gathered.sessions)
        gathered.columns.update({name + suffix: values for suffix, values in columns.items()})
    elif spec.kind == "futures":
        gathered.tables[name], dropped = _futures(spec, source, gathered.sessions)
    else:
        gathered.tables[name], dropped = _decisions(spec, source), []
    gathered.origins[name] = Origin(file=source.name, sha256=source.sha256, dropped=dropped)


def _aligned(delivered: Delivered, sessions: Sessions) -> tuple[dict[str, Floats], list[Dropped]]:
    on = np.isin(delivered.dates, sessions)
    position = np.searchsorted(sessions, delivered.dates[on])
    columns = {}
    lost = np.zeros(len(on), dtype=np.bool_)
    for suffix, values in delivered.fields.items():
        columns[suffix] = np.full(len(sessions), np.nan)
        columns[suffix][position] = values[on]
        lost |= ~on & ~np.isnan(values)
    return columns, [*delivered.dropped, *_dropped({NO_SESSION: delivered.dates[lost]})]


def _futures(spec: Series, source: Source, sessions: Sessions) -> tuple[Contracts, list[Dropped]]:
    dates = source.dates(spec.columns.date)
    months = source.months(spec.columns.contract)
    prices = source.numbers(spec.columns.price)
    check_contracts(source, dates, months)
    if np.isnan(prices).all():
        raise DataRefused(f"{source.name}: column '{spec.columns.price}' has no values.")
    on, priced = np.isin(dates, sessions), ~np.isnan(prices)
    keep = on & priced
    position = np.searchsorted(sessions, dates[keep]).astype(np.int64)
    dropped = _dropped({NO_SESSION: dates[~on & priced], NO_PRICE: dates[~priced]})
    return Contracts(position, months[keep], prices[keep]), dropped


def _decisions(spec: Series, source: Source) -> pa.Table:
    columns = spec.columns
    dates = source.dates(columns.date)
    check_dates(source, dates)
    unscheduled = None if columns.unscheduled is None else source.flags(columns.unscheduled)
    return store.decisions_table(dates, source.numbers(columns.before), source.numbers(columns.after), unscheduled)


def _dropped(by_reason: Mapping[str, Sessions]) -> list[Dropped]:
    return [Dropped.of(reason, dates) for reason, dates in by_reason.items() if len(dates)]
