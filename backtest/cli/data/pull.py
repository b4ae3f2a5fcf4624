"""``backtest data pull``: progress during the pull, then its result."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_datasets
from backtest.cli.console import print_json, print_text
from backtest.cli.data.findings_view import print_findings, repair_option, repairs_of
from backtest.cli.data.view import print_lock, print_written
from backtest.cli.options import json_option
from backtest.cli.typed_dates import first_day
from backtest.errors import printable
from backtest.untyped import Json
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.data.pull.pulling import Progress, Pulled


@click.command()
@click.argument("name", shell_complete=complete_datasets)
@click.option("--refresh", is_flag=True, help="Fetch everything again, even what is up to date.")
@click.option("--since", type=first_day, metavar="DATE", help="Add no rows from before this day.")
@repair_option
@json_option
def pull(name: str, refresh: bool, since: datetime | None, repairs: tuple[str, ...], as_json: bool) -> None:
    """Fetch a dataset's series from their providers: all or nothing.

    \b
    backtest data pull us-french
    backtest data pull us-size --refresh

    After a failure, whatever arrived is kept, and the next pull fetches the rest.
    """
    from backtest.data.pull.pulling import PullFailed, pull_dataset

    requested, workspace = repairs_of(repairs), Workspace.find()
    try:
        with _request_progress() as progress:
            pulled = pull_dataset(
                name,
                workspace,
                since=since.date() if since else None,
                refresh=refresh,
                repairs=requested,
                progress=progress,
            )
    except PullFailed as error:
        for line in error.failures:
            click.echo(line, err=True)
        raise
    folder = workspace.own_dataset(name)
    if as_json:
        content = {"schema": 1, "path": str(folder), "dataset": pulled.lock.model_dump(mode="json")}
        print_json({**content, "requests": _requests(pulled)})
        return
    _print(pulled)
    print_written(folder, workspace)


def _print(pulled: Pulled) -> None:
    counts = Counter[str](answer.outcome for answer in pulled.answers.values())
    words = {"fetched": "fetched", "unchanged": "fetched and unchanged", "kept": "kept from an earlier pull"}
    print_lock("Pulled", pulled.lock)
    print_findings(pulled.lock.findings)
    print_text(f"Requests: {', '.join(f'{counts[key]} {said}' for key, said in words.items() if counts[key])}.")


def _requests(pulled: Pulled) -> list[Json]:
    return [
        {
            "provider": request.provider,
            "symbol": request.symbol,
            "outcome": answer.outcome,
            "fetched": answer.record.fetched.isoformat(),
            "sha256": answer.record.raw_sha256,
        }
        for request, answer in pulled.answers.items()
    ]


@contextmanager
def _request_progress() -> Iterator[Progress]:
    """Show which request is under way, if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Pulling")

        def report(number: int, of: int, what: str) -> None:
            progress.update(task, total=of, completed=number - 1, description=escape(printable(what)))

        yield report
