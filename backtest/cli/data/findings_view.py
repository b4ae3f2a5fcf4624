"""How findings are shown, and how a repair is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from backtest.cli.console import print_table, print_text

if TYPE_CHECKING:
    from backtest.data.manifest.checks import Repairs
    from backtest.model.finding import Finding

repair_option = click.option(
    "--repair",
    "repairs",
    multiple=True,
    metavar="RULE=ACTION",
    help="Repair what a rule finds, e.g. unsorted=sort; every repair is listed.",
)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print a table of findings, and what each says."""
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
