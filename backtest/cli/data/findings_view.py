"""How findings are shown, and how a repair is requested."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from backtest.cli.console import print_table, print_text

if TYPE_CHECKING:
    from backtest.data.manifest.checks import Repairs
    from backtest.data.store.lock import Lock
    from backtest.model.finding import Finding

repair_option = click.option(
    "--repair",
    "repairs",
    multiple=True,
    metavar="RULE=ACTION",
    help="Repair what a rule finds, e.g. unsorted=sort; each repair is listed.",
)


all_option = click.option("--all", "every_date", is_flag=True, help="List every date of each finding.")


def findings_of(lock: Lock) -> list[Finding]:
    """Return the findings on the series and those on the panel."""
    from backtest.data.panel.bulk_rules import as_findings

    return [*lock.findings, *(as_findings(lock.panel.findings) if lock.panel else [])]


def print_findings(findings: Sequence[Finding], every_date: bool = False) -> None:
    """Print a table of findings and the text of each; optionally with all its dates."""
    if not findings:
        return
    headers = ("severity", "rule", "series", "first", "last", "count")
    rows = [
        [item.severity, item.rule, item.series, str(item.first or ""), str(item.last or ""), f"{item.count:,}"]
        for item in findings
    ]
    print_table(headers, rows, left=range(5))
    for item in findings:
        print_text(f"{item.severity.capitalize()}: {item.text}")
        if every_date and len(item.days) > 1:
            more = "" if len(item.days) >= item.count else ", and more that the lock file does not list"
            print_text(f"  {'; '.join(spans(item.days))}{more}")


def spans(days: Sequence[dt.date]) -> list[str]:
    """Write dates in order; dates in a row, weekends aside, become one span."""
    found: list[list[dt.date]] = []
    for day in days:
        if found and (day - found[-1][-1]).days <= (3 if day.weekday() == 0 else 1):
            found[-1].append(day)
        else:
            found.append([day])
    return [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]} ({len(run):,})" for run in found]


def repairs_of(texts: Sequence[str]) -> Repairs:
    """Read ``--repair RULE=ACTION``, given any number of times."""
    from pydantic import ValidationError

    from backtest.data.manifest.checks import Repairs
    from backtest.spec.validation import explain

    pairs = [text.partition("=") for text in texts]
    try:
        return Repairs.model_validate({rule: action for rule, _, action in pairs})
    except ValidationError as error:
        message, hint = explain(error, Repairs)
        raise click.UsageError(f"--repair {message} {hint}".strip()) from error
