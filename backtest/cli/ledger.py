"""``backtest ledger``: what has been tried, and whether the record of it is intact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_path, print_table, print_text
from backtest.cli.options import json_option
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.ledger.audit_trail import Trail

BROKEN = 1
"""Exit status of a ledger that is not intact."""
VERIFY = "verify"


@click.command()
@click.argument("name", required=False, shell_complete=complete_strategies)
@json_option
def ledger(name: str | None, as_json: bool) -> None:
    """Show what has been tried, question by question; 'verify' checks that nothing was lost or altered.

    A question is a strategy, with what is derived from it, on a dataset. A look is a parameter set at a horizon; the
    same look on the same data counts once. NAME shows every line about a strategy. The ledger is the file ledger.jsonl
    in the root of the workspace: each line holds the SHA-256 of the line before it.

    Exit status of 'verify': 0 intact, 1 not; the line is named.

    \b
    backtest ledger
    backtest ledger streak5 --json
    backtest ledger verify
    """
    from backtest.ledger.audit_trail import read_trail
    from backtest.workspace import Workspace

    trail = read_trail(Workspace.find())
    if name == VERIFY:
        _verify(trail, as_json)
    elif name is None:
        _print_questions(trail, as_json)
    else:
        _print_lines(trail, name, as_json)


def _verify(trail: Trail, as_json: bool) -> None:
    from backtest.format import plural

    if as_json:
        print_json(trail.to_json())
    else:
        print_path("Ledger", trail.path)
        for text in trail.faults:
            print_text(f"Not intact: {text}.", bold=True, red=True)
        for text in trail.remarks:
            print_text(text)
        if not trail.faults:
            print_text(f"Intact: {plural(trail.lines, 'line')}.", bold=True)
    if trail.faults:
        raise click.exceptions.Exit(BROKEN)


def _print_questions(trail: Trail, as_json: bool) -> None:
    if as_json:
        print_json({"schema": 1, "questions": trail.questions, "intact": not trail.faults})
        return
    if not trail.questions:
        print_text("Nothing has been looked at yet.")
    else:
        print_table(
            ("strategy", "dataset", "looks", "studies", "fixed", "first", "last"),
            [
                (
                    one["strategy"],
                    one["dataset"],
                    *(f"{one[key]:,}" for key in ("looks", "studies", "fixed")),
                    *(one[key][:10] for key in ("first", "last")),
                )
                for one in trail.questions
            ],
            left=(0, 1),
        )
    _print_faults(trail)


def _print_lines(trail: Trail, name: str, as_json: bool) -> None:
    from backtest.errors import NotFound, did_you_mean

    found = trail.about(name)
    if not found:
        known = {one["strategy"] for one in trail.questions}
        raise NotFound(f"the ledger holds nothing about '{name}'.", did_you_mean(name, known))
    if as_json:
        print_json({"schema": 1, "lines": found, "intact": not trail.faults})
        return
    print_table(
        ("line", "when", "what", "strategy", "dataset", "looks", "new", "in all"),
        [_row(entry) for entry in found],
        left=(1, 2, 3, 4),
    )
    _print_faults(trail)


def _row(entry: Json) -> tuple[str, ...]:
    details = (str(entry[key]) for key in ("horizon", "expect", "from") if key in entry)
    what = " ".join((entry["kind"], *details))
    counts = (f"{entry[key]:,}" for key in ("own", "new", "total"))
    return (str(entry["line"]), entry["at"][:16].replace("T", " "), what, entry["strategy"], entry["dataset"], *counts)


def _print_faults(trail: Trail) -> None:
    for text in trail.faults:
        print_text(f"The ledger is not intact: {text}.", bold=True, red=True)
