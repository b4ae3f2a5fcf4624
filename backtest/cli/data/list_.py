"""``backtest data list``: the known datasets."""

from __future__ import annotations

import click

from backtest.cli.console import print_json, print_table
from backtest.cli.data.view import dataset_rows
from backtest.cli.options import json_option
from backtest.workspace import Workspace


@click.command("list")
@json_option
def list_datasets(as_json: bool) -> None:
    """List the known datasets, and which of them have data."""
    rows = dataset_rows(Workspace.find())
    if as_json:
        print_json({"schema": 1, "datasets": rows})
        return
    headers = ("name", "title", "sessions", "assets")
    cells = [[f"{row['assets']:,}" if row["assets"] else "", *(str(row[key]) for key in headers[:3])] for row in rows]
    print_table(headers, [[*others, assets] for assets, *others in cells], left=range(3))
