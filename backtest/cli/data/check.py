"""The body of ``backtest data check``, and how findings are shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtest.cli.console import print_json, print_table, print_text
from backtest.errors import DataRefused
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.data.manifest.checks import Repairs
    from backtest.model.finding import Finding


def check_and_print(name: str, source: Path | None, repairs: Sequence[str], as_json: bool) -> None:
    """Print what is found in a dataset, or in files that are not imported yet; an error is status 1."""
    findings = _found(name, source, repairs_of(repairs))
    errors = [item for item in findings if item.severity == "error"]
    warnings = len(findings) - len(errors)
    if as_json:
        content = {"schema": 1, "dataset": name, "errors": len(errors), "warnings": warnings}
        print_json({**content, "findings": [_as_json(item) for item in findings]})
    else:
        print_findings(findings)
        where = f"in the files of {source}" if source else "in the data as they are stored"
        print_text(f"{name}: {len(errors)} errors and {warnings} warnings {where}.", bold=True)
    if errors:
        raise DataRefused(f"dataset '{name}' has {len(errors)} errors; the first: {errors[0].text}")


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


def _found(name: str, source: Path | None, repairs: Repairs) -> list[Finding]:
    from backtest.data.firewall.findings import Refused
    from backtest.data.firewall.stored import check_dataset
    from backtest.data.ingest.importing import check_files

    workspace = Workspace.find()
    if source is None:
        return check_dataset(name, workspace)
    try:
        return check_files(name, source.parent if source.is_file() else source, workspace, repairs)
    except Refused as refused:
        return list(refused.findings)


def _as_json(item: Finding) -> dict[str, Any]:
    from pydantic import TypeAdapter

    from backtest.model.finding import Finding

    content: dict[str, Any] = TypeAdapter(Finding).dump_python(item, mode="json")
    return content
