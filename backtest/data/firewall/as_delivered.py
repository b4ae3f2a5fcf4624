"""One series as delivered: read, checked value by value, and repaired on request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from backtest.data.firewall.delivered import Delivered
from backtest.data.firewall.exchange import Exchange, weekday
from backtest.data.firewall.filled import are_repeats, nontrading_rows
from backtest.data.firewall.findings import and_more, make_finding
from backtest.data.firewall.intraday import as_daily, is_intraday
from backtest.data.firewall.midnights import zone_hint
from backtest.data.firewall.recognise import recognise
from backtest.data.firewall.rhythm import SATURDAY, SUNDAY, shift_in_days, shifted_weeks
from backtest.data.firewall.rows import FRENCH_MISSING
from backtest.data.manifest.checks import Repairs, Rule
from backtest.data.manifest.kinds import LEVELS
from backtest.data.manifest.manifest import Series
from backtest.data.store.lock import Dropped
from backtest.model import Bools, Floats, Ints, Sessions
from backtest.model.finding import Finding
from backtest.workspace import MANIFEST

BASIS_POINTS = re.compile(r"basis|\bbps?\b", re.I)
"""Matches the unit of a rate in basis points, where -150 does not mark a missing value."""
MOST_HOLIDAYS, SHARE = 5, 0.008
"""If more dates than these, and than this share of all, are holidays of the exchange, the data are from another one."""
OFTEN = 0.15
"""Share of dates on weekends above which they are not mistakes."""
ANOTHER = (
    f'From another exchange? Name it under [calendar] in {MANIFEST}, such as exchange = "XWAR" for Warsaw; '
    "a dataset belongs to one exchange."
)
EVERY_DAY = (
    f'Quoted every day? Write exchange = "24/7" under [calendar] in {MANIFEST}, for a dataset of such series only.'
)
SUNDAYS = f'Tel Aviv or Riyadh? Write exchange = "XTAE" or "XSAU" under [calendar] in {MANIFEST}.'
ROUND_THE_CLOCK = (
    f'Sunday evenings of a market around the clock? Write exchange = "24/5" under [calendar] in {MANIFEST}, '
    "and leave these rows out: --repair off_calendar=drop."
)
LEAVE_OUT = "Leave them out: --repair off_calendar=drop."
WHICH = f"Name the exchange under [calendar] in {MANIFEST}, and leave them out: --repair off_calendar=drop."
FEW_BELOW, MOST_BELOW = 5, 0.05
"""If more values than these, and than this share of all, are below 0, the series is not a price with mistakes."""
NO_PRICE = (
    'So many values below 0 are no mistakes: returns, or rates? Write kind = "percent_return" or kind = "rate" for the '
    f"series in {MANIFEST}, with its unit."
)
FEWEST_RETURNS = 20
"""With fewer returns that differ from 0, their magnitude is not judged."""


def check_order(name: str, delivered: Delivered, repairs: Repairs) -> tuple[Delivered, list[Finding]]:
    """Check that the dates increase and that each occurs once; sort and drop rows if a repair asks for it.

    A file whose dates only decrease, from newest to oldest, is in order: it is read from its end.
    """
    findings: list[Finding] = []
    if is_intraday(delivered):
        delivered, findings = as_daily(name, delivered, repairs)
        return delivered, findings
    delivered = _forwards(delivered)
    back = np.flatnonzero(np.diff(delivered.dates) < np.timedelta64(0, "D")) + 1
    if len(back) and repairs.unsorted:
        moved = Dropped.repaired("unsorted", "sort", delivered.dates[back])
        delivered = delivered.rows(np.argsort(delivered.dates, kind="stable").astype(np.int64), moved)
    elif len(back):
        row = int(back[0])
        before, date = delivered.dates[row - 1], delivered.dates[row]
        place = delivered.source.place(row)
        text = f"{place}: date {date} comes after {before}{and_more(len(back))}: dates must increase."
        findings.append(make_finding("unsorted", name, text, days=delivered.dates[back], error=True))
        return delivered, findings
    return _check_duplicates(name, delivered, repairs, findings)


def _forwards(delivered: Delivered) -> Delivered:
    """Reverse a history whose dates never increase; two rows with the same date keep their order in the file."""
    dates = delivered.dates
    if not len(dates) or dates[0] == dates[-1] or (np.diff(dates) > np.timedelta64(0, "D")).any():
        return delivered
    return delivered.rows(np.argsort(dates, kind="stable").astype(np.int64))


def _check_duplicates(
    name: str, delivered: Delivered, repairs: Repairs, findings: list[Finding]
) -> tuple[Delivered, list[Finding]]:
    again = np.flatnonzero(np.diff(delivered.dates) == np.timedelta64(0, "D")) + 1
    if len(again) and repairs.duplicate_date:
        way = repairs.duplicate_date
        out = again - 1 if way == "last" else again
        if way == "drop":
            out = np.array([row for row in again if _same_as_before(delivered, int(row))], dtype=np.int64)
        if len(out):
            kept = np.setdiff1d(np.arange(len(delivered.dates)), out)
            note = Dropped.repaired("duplicate_date", way, delivered.dates[out])
            delivered = delivered.rows(kept, note)
        again = np.flatnonzero(np.diff(delivered.dates) == np.timedelta64(0, "D")) + 1
    if len(again):
        row = int(again[0])
        what = "with the same values" if _same_as_before(delivered, row) else "with other values"
        place, date = delivered.source.place(row), delivered.dates[row]
        text = f"{place}: date {date} occurs twice, {what}{and_more(len(again))}: each date may occur once."
        findings.append(make_finding("duplicate_date", name, text, days=delivered.dates[again], error=True))
    return delivered, findings


def _same_as_before(delivered: Delivered, row: int) -> bool:
    return all(np.array_equal(v[row], v[row - 1], equal_nan=True) for v in delivered.fields.values())


def check_values(name: str, spec: Series, delivered: Delivered, repairs: Repairs) -> tuple[Delivered, list[Finding]]:
    """Check that levels are above 0, that no value marks a missing return, and that percent are not fractions."""
    findings = list(_magnitude(name, spec, delivered)) if spec.kind == "percent_return" else []
    if findings:  # in basis points, a loss of one percent is -100
        return delivered, findings
    fields, dropped = dict(delivered.fields), list(delivered.dropped)
    for suffix, values in fields.items():
        column = getattr(spec.columns, suffix.removeprefix(".") or "close")
        rule, wrong, words = _wrong(spec, values)
        rows = np.flatnonzero(wrong)
        if not len(rows):
            continue
        if getattr(repairs, rule) == "blank":
            fields[suffix] = np.where(wrong, np.nan, values)
            dropped.append(Dropped.repaired(rule, "blank", delivered.dates[rows], column=column))
            continue
        row = int(rows[0])
        place = f"{delivered.source.place(row)} ({delivered.dates[row]})"
        text = f"{place}: {column} = {values[row]:g}{and_more(len(rows))}: {words}."
        below = np.count_nonzero(values < 0) if rule == "nonpositive" else 0
        hint = NO_PRICE if below > max(FEW_BELOW, MOST_BELOW * len(values)) else ""
        findings.append(
            make_finding(rule, name, text, days=delivered.dates[rows], error=True, value=values[row], hint=hint)
        )
    return replace(delivered, fields=fields, dropped=dropped), findings


def _wrong(spec: Series, values: Floats) -> tuple[Rule, Bools, str]:
    if spec.kind in LEVELS:
        return "nonpositive", values <= 0, f"a {spec.kind} must be above 0"
    noun = "rate" if spec.kind == "rate" else "return"
    words = f"a {noun} in percent must be above -99; leave it blank where it is missing"
    in_percent = spec.kind == "percent_return" or (spec.kind == "rate" and not BASIS_POINTS.search(spec.unit))
    return "missing_mark", (values <= FRENCH_MISSING) & in_percent, words


def _magnitude(name: str, spec: Series, delivered: Delivered) -> Iterator[Finding]:
    values = delivered.fields[""]
    moved = np.abs(values[~np.isnan(values) & (values != 0)])
    if len(moved) < FEWEST_RETURNS:
        return
    typical = float(np.median(moved))
    # A bill's daily return is also small, but never negative.
    losses = float(np.mean(values[~np.isnan(values)] < 0))
    column, place, fraction = spec.columns.close, delivered.source.name, delivered.source.scale != 1
    if typical < 0.03 and losses > 0.1 and not fraction:
        likely = "fractions"
    elif typical > 15:
        likely = "percent, not fractions" if fraction else "levels or basis points, not percent"
    else:
        return
    said = "fraction" if fraction else "percent"
    typical /= 100.0 if fraction else 1.0
    text = f"{place}: {column} moves by {typical:.3g} on a typical day, read as {said}: these look like {likely}."
    yield make_finding("magnitude", name, text, days=delivered.dates, error=True, value=typical)


def check_calendar(
    name: str, delivered: Delivered, exchange: Exchange, repairs: Repairs
) -> tuple[Delivered, list[Finding]]:
    """Check the dates that make sessions against the exchange's; an error if it is always closed on that weekday."""
    values = delivered.fields[""]
    there = ~np.isnan(values)
    off = np.flatnonzero(there & exchange.is_off(delivered.dates))
    held = np.setdiff1d(nontrading_rows(delivered.dates), off)
    if are_repeats(values, held):
        return delivered, [_filled_in(name, delivered, held, exchange)]
    if not len(off):
        return delivered, []
    if moved := shift_in_days(delivered.dates[there]):  # dropping these rows would delete a weekday of every week
        return delivered, [_all_dates_shifted(name, delivered, off, moved)]
    if len(weeks := shifted_weeks(delivered.dates[there])) and exchange.never_opens(weeks).all():
        return delivered, [_some_weeks_shifted(name, delivered, weeks)]
    if repairs.off_calendar:
        kept = np.setdiff1d(np.arange(len(delivered.dates)), off)
        return delivered.rows(kept, Dropped.repaired("off_calendar", "drop", delivered.dates[off])), []
    weekdays = exchange.never_opens(delivered.dates[off])
    findings = []
    never, holidays = off[weekdays], off[~weekdays]
    other = len(holidays) > MOST_HOLIDAYS and len(holidays) > SHARE * int(there.sum())
    weekend = LEAVE_OUT if are_repeats(values, never) else _weekend_hint(delivered.dates[never], int(there.sum()))
    holiday = ""
    if other:
        holiday = LEAVE_OUT if are_repeats(values, holidays) else _exchange_hint(delivered.dates[there])
    for rows, error, hint in ((never, True, weekend), (holidays, other, holiday)):
        if len(rows):
            row = int(rows[0])
            date = delivered.dates[row]
            place = f"{delivered.source.place(row)}: date {date} ({date.item():%A}){and_more(len(rows))}"
            text = f"{place} is not a session of {exchange.name}{'' if error else ' and is left out'}."
            findings.append(
                make_finding("off_calendar", name, text, days=delivered.dates[rows], error=error, hint=hint)
            )
    return delivered, findings


def _weekend_hint(days: Sessions, rows: int) -> str:
    if len(days) <= OFTEN * rows:
        return ""
    return EVERY_DAY if (weekday(days) == SATURDAY).any() else ROUND_THE_CLOCK


def _exchange_hint(days: Sessions) -> str:
    """Name the exchange whose sessions the dates are, if one fits."""
    best = recognise(days)
    if not best.fits:
        return ANOTHER
    text = f'Its dates are the sessions of {best.exchange}: write exchange = "{best.exchange}" under [calendar] in '
    return f"{text}{MANIFEST}. A dataset belongs to one exchange; import data from another one as another dataset."


def _filled_in(name: str, delivered: Delivered, rows: Ints, exchange: Exchange) -> Finding:
    """Report rows without a market that repeat the day before: the calendar says session, the data say filled in."""
    days = delivered.dates[rows]
    text = (
        f"{delivered.source.place(int(rows[0]))}: {days[0]} ({days[0].item():%A}){and_more(len(rows))} repeats the day "
    )
    text += f"before, as filled-in weekends and holidays do; a session of {exchange.name} has a close of its own."
    return make_finding("off_calendar", name, text, days=days, error=True, hint=WHICH)


def _all_dates_shifted(name: str, delivered: Delivered, off: Ints, moved: int) -> Finding:
    """Report that all dates are one day early or late."""
    when, gone, there = ("early", "Friday", "Sunday") if moved < 0 else ("late", "Monday", "Saturday")
    days = delivered.dates[off]
    text = f"{delivered.source.name}: its dates are a day {when}: there is no {gone}, and a {there} in every week; "
    text += "midnight in another time zone?"
    hint = f"Move all dates of the file by a day; a {there} is not a session."
    if delivered.seconds is not None:
        hint = zone_hint(delivered.dates, delivered.seconds)
    if moved < 0 and delivered.seconds is None:
        hint = f"{SUNDAYS} Otherwise: {hint[0].lower()}{hint[1:]}"
    return make_finding("off_calendar", name, text, days=days, error=True, hint=hint)


def _some_weeks_shifted(name: str, delivered: Delivered, weeks: Sessions) -> Finding:
    """Report that the dates of some weeks are one day early or late, as UTC times are in summer or winter only."""
    late = (weekday(weeks) != SUNDAY).all()
    when, instead = ("late", "a Saturday and no Monday") if late else ("early", "a Sunday and no Friday")
    text = f"{delivered.source.name}: the dates of {len(weeks)} weeks are a day {when}, first on {weeks[0]}: "
    text += f"{instead}; UTC times of another time zone?"
    hint = "Move the dates of these weeks by a day."
    if delivered.seconds is not None:
        hint = zone_hint(delivered.dates, delivered.seconds)
    elif not late:
        hint = f"{SUNDAYS} Otherwise: {hint[0].lower()}{hint[1:]}"
    return make_finding("off_calendar", name, text, days=weeks, error=True, hint=hint)
