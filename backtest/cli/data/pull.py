"""The body of ``backtest data pull``: progress while it fetches, then what came of it."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from backtest.cli.console import print_json, print_text, shown_path
from backtest.cli.data.check import repairs_of
from backtest.errors import printable
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.data.pull.pulling import Pulled, Tell


def pull_and_print(name: str, since: dt.date | None, refresh: bool, repairs: Sequence[str], as_json: bool) -> None:
    """Pull a dataset and print what was written, or one line for each request that failed."""
    from backtest.data.pull.pulling import PullFailed, pull_dataset

    asked, workspace = repairs_of(repairs), Workspace.find()
    try:
        with _telling() as tell:
            pulled = pull_dataset(name, workspace, since=since, refresh=refresh, repairs=asked, tell=tell)
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
    print_text(f"Written to {shown_path(folder)}. Try: backtest run streak5 --dataset {name}")


def _print(pulled: Pulled) -> None:
    from backtest.cli.data.check import print_findings
    from backtest.cli.data.group import print_lock

    counts = Counter[str](answer.outcome for answer in pulled.answers.values())
    words = {"fetched": "fetched", "unchanged": "fetched and unchanged", "kept": "kept from an earlier pull"}
    print_lock("Pulled", pulled.lock)
    print_findings(pulled.lock.findings)
    print_text(f"Requests: {', '.join(f'{counts[key]} {said}' for key, said in words.items() if counts[key])}.")


def _requests(pulled: Pulled) -> list[dict[str, Any]]:
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
def _telling() -> Iterator[Tell]:
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

        def tell(number: int, of: int, what: str) -> None:
            progress.update(task, total=of, completed=number - 1, description=escape(printable(what)))

        yield tell
