"""Collect findings: an accepted error becomes a warning, any other error refuses, and splices inherit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from backtest.data.manifest.checks import Accepted, Rule
from backtest.data.manifest.manifest import Manifest
from backtest.errors import DataRefused
from backtest.model.finding import Change, Finding
from backtest.workspace import MANIFEST

NEXT_STEP: dict[str, str] = {
    "duplicate_date": "Fix the file, or request a repair: --repair duplicate_date=drop (equal rows), =first or =last.",
    "unsorted": "Fix the file, or request a repair: --repair unsorted=sort.",
    "future_date": "Fix the file, or the clock of this machine.",
    "nonpositive": "Fix the file, or request a repair: --repair nonpositive=blank.",
    "missing_mark": "Fix the file, or request a repair: --repair missing_mark=blank.",
    "off_calendar": "Fix the file, or drop these rows: --repair off_calendar=drop.",
    "magnitude": 'State the unit of the series: unit = "percent …" or unit = "fraction …"; '
    f"if the values are right, list them under checks.accept in {MANIFEST}.",
    "jump": f"Fix the file; if the value is right, list it under checks.accept in {MANIFEST}.",
    "spike": f"Fix the file; if the value is right, list it under checks.accept in {MANIFEST}.",
    "bars": "Name the right columns in the manifest (columns = { high = …, low = … }); if they are right, list it in "
    f"checks.accept in {MANIFEST}.",
    "lost_rows": f"Deliver the whole history; if the loss is right, list it under checks.accept in {MANIFEST}.",
}
"""What to do about an error, by rule."""


MOST_DAYS = 20_000
"""Most dates that a finding lists; it only counts the rest."""


class Refused(DataRefused):
    """The data break a rule; `findings` holds everything found up to that point, errors and warnings."""

    def __init__(self, message: str, hint: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(message, hint)
        self.findings = findings


class Report:
    """The findings on one dataset so far."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._accepted = manifest.checks.accept
        self._derived = _derived(manifest)
        self.findings: list[Finding] = []

    def add(self, findings: Iterable[Finding]) -> None:
        """Add findings; an accepted error becomes a warning."""
        for item in findings:
            if item.severity == "error" and any(covers(accepted, item) for accepted in self._accepted):
                text = f"{item.text.rstrip('.')} (accepted in {MANIFEST})."
                item = replace(item, severity="warning", text=text)
            self.findings.append(replace(item, affects=self._derived.get(item.series, ())))

    def refuse(self) -> None:
        """Refuse if there is an error.

        Raises
        ------
        Refused
            The message is the first error; the hint says what to do, and how many more errors there are.
        """
        errors = [item for item in self.findings if item.severity == "error"]
        if errors:
            hint = errors[0].hint or NEXT_STEP.get(errors[0].rule, "")
            if len(errors) > 1:
                name = self._manifest.name
                hint += f" {len(errors) - 1} more: backtest data check {name} --from DIR lists them."
            raise Refused(errors[0].text, hint, tuple(self.findings))


def make_finding(
    rule: Rule,
    series: str,
    text: str,
    *,
    days: np.ndarray | None = None,
    error: bool = False,
    count: int | None = None,
    value: float | None = None,
    changes: tuple[Change, ...] = (),
    hint: str = "",
) -> Finding:
    """Make a finding; its span and count come from `days`, the dates that it concerns."""
    first = last = None
    if days is not None and len(days):
        first, last = _date(np.min(days)), _date(np.max(days))
        count = len(days) if count is None else count
    return Finding(
        rule,
        series,
        "error" if error else "warning",
        text,
        first,
        last,
        count=1 if count is None else count,
        value=None if value is None else float(value),
        changes=changes,
        days=() if days is None else tuple(map(_date, np.unique(days)[:MOST_DAYS])),
        hint=hint,
    )


def and_more(count: int) -> str:
    """Say how many there are besides the one named."""
    return f" ({count - 1:,} more)" if count > 1 else ""


def _date(day: np.datetime64) -> dt.date:
    date: dt.date = day.astype("datetime64[D]").item()
    return date


def covers(accepted: Accepted, item: Finding) -> bool:
    """Tell whether an entry of ``checks.accept`` covers a finding."""
    same_date = accepted.date is None or accepted.date == item.first
    return accepted.rule == item.rule and accepted.series == item.series and same_date


def _derived(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    """Name, for each series, everything that is derived from it."""
    reach: dict[str, list[str]] = {name: [] for name in manifest.series}
    sources: dict[str, set[str]] = {name: {name} for name in manifest.series}
    for name in manifest.derived_in_order():
        for other in manifest.series[name].inputs:
            sources[name] |= sources[other]
        for other in sorted(sources[name] - {name}):
            reach[other].append(name)
    return {name: tuple(names) for name, names in reach.items()}
