"""From series as delivered to series on the dataset's sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from backtest.data.files.memory import free_memory
from backtest.data.files.source import Source
from backtest.data.firewall.as_delivered import check_calendar, check_order, check_values
from backtest.data.firewall.delivered import Delivered, read
from backtest.data.firewall.exchange import Exchange, exchange_of
from backtest.data.firewall.findings import Report
from backtest.data.firewall.gaps import blank_end
from backtest.data.firewall.impossible_dates import LEEWAY, SCHEDULED, impossible_dates
from backtest.data.firewall.rhythm import not_daily
from backtest.data.firewall.rows import check_dates
from backtest.data.ingest.contracts import NO_SESSION, futures
from backtest.data.manifest.checks import Repairs
from backtest.data.manifest.kinds import DEFINES_SESSIONS, TABLES
from backtest.data.manifest.manifest import Manifest, Series
from backtest.data.store.lock import LOCK, Dropped, Origin
from backtest.data.store.write import decisions_table
from backtest.errors import DataRefused
from backtest.model import Contracts, Floats, Sessions
from backtest.workspace import MANIFEST


@dataclass(eq=False)
class Gathered:
    """What an import has assembled so far."""

    sessions: Sessions
    exchange: Exchange
    columns: dict[str, Floats] = field(default_factory=dict)
    tables: dict[str, Contracts | pa.Table] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)


def gather(
    manifest: Manifest, sources: dict[str, Source], repairs: Repairs, report: Report, today: dt.date
) -> Gathered:
    """Read and check all series, and align them on the sessions that some of them define.

    Rates and futures define no sessions; without any other series, the sessions are the exchange's. Rows on dates that
    are not sessions are left out and counted in the origins. Nothing is filled in. `sources` is empty when this
    returns.

    Raises
    ------
    DataRefused
        A value cannot be read or breaks a rule, or no series defines the sessions.
    """
    delivered = {
        name: _checked(name, manifest.series[name], source, repairs, report, today)
        for name, source in sources.items()
        if manifest.series[name].kind not in TABLES
    }
    for name, source in sources.items():
        spec = manifest.series[name]
        if spec.kind in TABLES:
            ahead = LEEWAY if spec.kind == "futures" else SCHEDULED
            report.add(impossible_dates(name, source.dates(spec.columns.date), source.place, today, ahead))
    defining = [name for name in manifest.sessions_from() if name in delivered]
    report.refuse()
    days = _session_dates(manifest, sources, delivered, defining)
    exchange = exchange_of(manifest.calendar.exchange, days.min(), days.max(), manifest.checks.calendar_since)
    for name in defining:
        delivered[name], findings = check_calendar(name, delivered[name], exchange, repairs)
        report.add(findings)
    report.refuse()
    gathered = Gathered(_sessions(manifest, delivered, defining, days, exchange), exchange)
    for name in list(sources):  # sources are freed as they are aligned: the text of a long file exceeds its numbers
        source, own = sources.pop(name), delivered.pop(name, None)
        _place(name, manifest.series[name], source, own, gathered, repairs, report)
    del source, own
    free_memory()
    report.refuse()
    return gathered


def _session_dates(
    manifest: Manifest, sources: Mapping[str, Source], delivered: Mapping[str, Delivered], defining: Sequence[str]
) -> Sessions:
    """Return the dates that define the sessions; if no series can, the dates that the exchange's sessions must span.

    Raises
    ------
    DataRefused
        There are none.
    """
    if defining:
        return _all_days(delivered, defining)
    if manifest.sessions_from():
        raise DataRefused(f"dataset '{manifest.name}': none of the series that define the sessions was delivered.")
    days = [_days(delivered[name]) for name in delivered]
    days += [
        source.dates(manifest.series[name].columns.date)
        for name, source in sources.items()
        if manifest.series[name].kind == "futures"
    ]
    if not any(len(one) for one in days):
        raise DataRefused(
            f"dataset '{manifest.name}': it has only decisions, and their dates do not define sessions.",
            "Add a price, a return, a rate or futures to it.",
        )
    return np.concatenate(days)


def _sessions(
    manifest: Manifest,
    delivered: Mapping[str, Delivered],
    defining: Sequence[str],
    days: Sessions,
    exchange: Exchange,
) -> Sessions:
    """Return the sessions: the dates of the series that define them, or else the exchange's own."""
    if defining:
        days = _all_days(delivered, defining)
        # A date that the exchange does not know is not a session: a holiday in one file must not split other series.
        sessions = days[~exchange.is_off(days)]
        if not len(sessions):
            raise DataRefused(f"dataset '{manifest.name}': the repairs leave no session.")
        # A session without a row is unknown, but it counts: no return across it is a one-session return.
        return np.union1d(sessions, exchange.expected(sessions[0], sessions[-1]))
    sessions = exchange.expected(days.min(), days.max())
    if not len(sessions):
        known = f"{exchange.name} has no known sessions from {days.min()} to {days.max()}"
        raise DataRefused(
            f"dataset '{manifest.name}': rates and futures define no sessions, and {known}.",
            f"Add a price or a return to it, or set checks.calendar_since in {MANIFEST}.",
        )
    return sessions


def notes_of(origins: Mapping[str, Origin]) -> list[str]:
    """Say how many rows were left out or repaired, by reason."""
    groups = dict.fromkeys((item.group, bool(item.rule)) for origin in origins.values() for item in origin.dropped)
    notes = []
    for group, repaired in groups:
        rows = {
            name: sum(item.rows for item in origin.dropped if item.group == group) for name, origin in origins.items()
        }
        counts = ", ".join(f"{name} {count:,}" for name, count in rows.items() if count)
        what = f"Rows {group}" if repaired else f"Rows left out ({group})"
        notes.append(f"{what}: {counts}; {LOCK} lists them.")
    return notes


def _checked(name: str, spec: Series, source: Source, repairs: Repairs, report: Report, today: dt.date) -> Delivered:
    raw = read(spec, source)
    if spec.is_open:
        _refuse_open(name, spec, raw)
    if impossible := list(impossible_dates(name, raw.dates, source.place, today)):
        report.add(impossible)
        return raw
    delivered, findings = check_order(name, raw, repairs)
    report.add(findings)
    delivered, findings = check_values(name, spec, delivered, repairs)
    report.add(findings)
    if spec.kind in DEFINES_SESSIONS:
        report.add(not_daily(name, _days(delivered)))
    if spec.kind in DEFINES_SESSIONS and not np.isnan(delivered.fields[""]).all():
        report.add(blank_end(name, delivered.dates, delivered.fields[""]))
    return delivered


def _refuse_open(name: str, spec: Series, delivered: Delivered) -> None:
    values = np.abs(delivered.fields[""])
    typical = float(np.median(values[values > 0])) if (values > 0).any() else 0.0
    verb = "stands at" if spec.kind == "rate" else "moves by"
    raise DataRefused(
        f"{delivered.source.name}: {spec.columns.close} {verb} {typical:.3g} on a typical day, "
        f"{typical * 100:.3g}% as a fraction and {typical:.3g}% as percent, and no value settles which.",
        f'Write unit = "fraction" or unit = "percent" for series.{name} in {MANIFEST}.',
    )


def _days(delivered: Delivered) -> Sessions:
    """Return the dates on which the series has a close; a blank close does not make a session."""
    days: Sessions = delivered.dates[~np.isnan(delivered.fields[""])]
    return days


def _all_days(delivered: Mapping[str, Delivered], names: Sequence[str]) -> Sessions:
    """Return the dates on which any of the series has a close, each once."""
    days: Sessions = np.empty(0, dtype="datetime64[D]")
    for name in names:  # one at a time: a long file has far more rows than distinct dates
        days = np.union1d(days, _days(delivered[name]))
    return days


def _place(
    name: str,
    spec: Series,
    source: Source,
    delivered: Delivered | None,
    gathered: Gathered,
    repairs: Repairs,
    report: Report,
) -> None:
    if delivered is not None:
        columns, dropped = _aligned(delivered, gathered.sessions)
        gathered.columns.update({name + suffix: values for suffix, values in columns.items()})
    elif spec.kind == "futures":
        gathered.tables[name], dropped, findings = futures(name, spec, source, gathered.sessions, repairs)
        report.add(findings)
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


def _decisions(spec: Series, source: Source) -> pa.Table:
    columns = spec.columns
    dates = source.dates(columns.date)
    check_dates(source, dates)
    unscheduled = None if columns.unscheduled is None else source.flags(columns.unscheduled)
    return decisions_table(dates, source.numbers(columns.before), source.numbers(columns.after), unscheduled)


def _dropped(by_reason: Mapping[str, Sessions]) -> list[Dropped]:
    return [Dropped.of(reason, dates) for reason, dates in by_reason.items() if len(dates)]
