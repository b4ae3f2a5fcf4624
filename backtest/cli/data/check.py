"""``backtest data check``: look for damage, in a dataset or in files before they are imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_datasets
from backtest.cli.console import print_json, print_text
from backtest.cli.data.findings_view import all_option, print_findings, repair_option, repairs_of
from backtest.cli.options import json_option
from backtest.errors import DataRefused
from backtest.format import plural
from backtest.untyped import Json
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.data.manifest.checks import Repairs
    from backtest.model.finding import Finding


@click.command()
@click.argument("name", shell_complete=complete_datasets)
@click.option(
    "--from",
    "source",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Check these files as an import would; write nothing.",
)
@repair_option
@all_option
@json_option
def check(name: str, source: Path | None, repairs: tuple[str, ...], every_date: bool, as_json: bool) -> None:
    """Look for damage in a dataset, or in files to import.

    \b
    backtest data check us-size
    backtest data check us-size --all           with every date
    backtest data check us-size --from DIR --json

    The exit status is 1 if there is an error. The manifest's table [checks] sets the thresholds.
    """
    findings = _found(name, source, repairs_of(repairs))
    errors = [item for item in findings if item.severity == "error"]
    warnings = len(findings) - len(errors)
    if as_json:
        content = {"schema": 1, "dataset": name, "errors": len(errors), "warnings": warnings}
        print_json({**content, "findings": [_as_json(item) for item in findings]})
    else:
        print_findings(findings, every_date)
        where = f"in the files of {source}" if source else "in the stored data"
        counts = f"{plural(len(errors), 'error')} and {plural(warnings, 'warning')}"
        print_text(f"{name}: {counts} {where}.", bold=True)
    if errors:
        raise DataRefused(f"dataset '{name}' has {plural(len(errors), 'error')}; the first: {errors[0].text}")


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


def _as_json(item: Finding) -> Json:
    from pydantic import TypeAdapter

    from backtest.model.finding import Finding

    content: Json = TypeAdapter(Finding).dump_python(item, mode="json")
    return content
