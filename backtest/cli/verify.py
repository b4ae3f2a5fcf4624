"""``backtest verify``: whether a recorded run comes out the same when it is computed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_runs
from backtest.cli.console import print_json, print_table, print_text, working
from backtest.cli.options import json_option
from backtest.format import NONE, count, exact, joined, significant

if TYPE_CHECKING:
    from backtest.verification.moves import Move
    from backtest.verification.verified import Verification

DIFFERS = 1
"""Exit status where it does not come out the same."""
HORIZONS, SHOWN = "horizons", 4


@click.command()
@click.argument("run", shell_complete=complete_runs)
@json_option
def verify(run: str, as_json: bool) -> None:
    """Compute a recorded run again, and compare.

    The strategy's text, what was set and the data are those that the record names; nothing in it is changed. What has
    changed since is said: data, version, own Python. So is which numbers that moves, and how far. A table that is not
    as it was recorded is refused. RUN is a run as in 'backtest report'.

    Exit status: 0 the same to the last bit, 1 not, or it cannot be computed again.

    \b
    backtest verify streak5
    backtest verify 20240716T210000Z-1f2e3d4c --json
    """
    from backtest.record.find import find_run
    from backtest.verification.verified import verify_run
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    folder = find_run(workspace.reports, run)
    with working("Computing the run again…"):
        found = verify_run(workspace, folder)
    if as_json:
        print_json(found.to_json())
    else:
        _print(found)
    if not found.identical:
        raise click.exceptions.Exit(DIFFERS)


def _print(found: Verification) -> None:
    from backtest.cli.study_view import SIMULATED

    run = found.run
    print_text(f"{run['strategy']} on {run['dataset']['name']}, run {run['run_id']}", bold=True)
    if run["dataset"]["synthetic"]:
        print_text(SIMULATED, bold=True)
    for note in found.changes:
        print_text(f"Changed ({note.about}): {note.text}")
    if found.unrecorded:
        print_text(f"Computed now and not in the record: {joined(found.unrecorded)}.")
    print_text(found.sentence, bold=True, red=not found.identical)
    if found.identical or found.refusal:
        return
    print_text()
    print_table(
        ("table", "values", "moved", "rows gone", "rows new", "largest move"),
        [
            (
                table.table,
                *(count(n) for n in (table.values, len(table.moves), table.gone, table.added)),
                NONE if table.largest is None else _size(table.largest),
            )
            for table in found.tables
            if not table.same
        ],
    )
    _print_largest("The largest moves of the table of horizons:", found.largest(SHOWN, {HORIZONS}))
    elsewhere = {table.table for table in found.tables} - {HORIZONS}
    _print_largest("The largest moves elsewhere, relative to the value:", found.largest(SHOWN, elsewhere))


def _print_largest(head: str, moves: Sequence[Move]) -> None:
    if not moves:
        return
    print_text()
    print_text(head)
    for move in moves:
        where = ", ".join(filter(None, (move.table, move.key, move.column)))
        old, new = exact(move.old), exact(move.new)
        if isinstance(move.old, str) or isinstance(move.new, str):
            print_text(f"- {where}\n  then: {old}\n  now: {new}")
        else:
            print_text(f"- {where}: {old} then, {new} now")


def _size(move: Move) -> str:
    if isinstance(move.old, str) and isinstance(move.new, str):
        return "a text"
    return significant(move.size, 2) if move.size != float("inf") else "from or to null"
