"""``backtest data``: datasets, bringing your own files, and pulling from providers."""

from __future__ import annotations

import click

from backtest.cli.data.check import check
from backtest.cli.data.import_ import import_
from backtest.cli.data.list_ import list_datasets
from backtest.cli.data.pull import pull


@click.group()
def data() -> None:
    """List datasets, import your own files, pull from providers."""


for command in (list_datasets, import_, check, pull):
    data.add_command(command)
