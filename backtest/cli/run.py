"""``backtest run``: from strategies to recorded runs and their reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.options import cluster_option, json_option, lookahead_option, overrides, strict_option, study_options
from backtest.cli.typed_dates import first_day

if TYPE_CHECKING:
    from backtest.model.labels import Labels
    from backtest.workspace import Workspace


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_strategies)
@click.option("--all", "every", is_flag=True, help="Run every strategy.")
@study_options
@click.option("--no-trade", is_flag=True, help="Leave out the simulated trade.")
@click.option("--legs", is_flag=True, help="Print each leg's own table: asset, benchmark, spread.")
@click.option(
    "--events",
    is_flag=False,
    flag_value="",
    metavar="[H]",
    help="Print what came after each event over H sessions; by default the horizon of the verdict.",
)
@click.option("--name", default="", metavar="N", help="Name the run, to find it again: backtest show N.")
@click.option("--tag", "tags", multiple=True, metavar="T", help="Tag the run; may be repeated.")
@click.option("--note", default="", metavar="TEXT", help="Note a line of text beside the run.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Record under DIR in place of reports/; such a run is not listed.",
)
@click.option(
    "--holdout",
    type=first_day,
    metavar="DATE",
    help="Open the sessions from DATE on, which 'backtest tune --holdout DATE' set aside: only their events count.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Read a panel block by block with N processes; the same figures.",
)
@cluster_option
@strict_option
@lookahead_option
@click.option("--quiet", "-q", is_flag=True, help="Print the path of the report, and on stderr the finding.")
@json_option
def run(
    names: tuple[str, ...],
    every: bool,
    dataset: str,
    settings: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    no_trade: bool,
    legs: bool,
    events: str | None,
    name: str,
    tags: tuple[str, ...],
    note: str,
    output: Path | None,
    holdout: datetime | None,
    workers: int | None,
    cluster: str | None,
    strict: bool,
    allow_lookahead: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run strategies: events, returns, verdict, trade, report.

    NAME is a strategy of the workspace, a built-in one, or a path to a .toml file. It may be a pattern ('streak*',
    quoted) or tag:NAME, for all strategies with that tag. Of several studies, each is printed in brief; one that fails
    does not stop the others, and the exit status is then 1. Of strategies that a pattern, a tag or --all adds, those
    that read a series that the dataset lacks are skipped and listed at the end.

    \b
    backtest run streak5
    backtest run streak5 --set detector.sessions=4 --set measure.horizons=[5,21]
    backtest run streak5 --set measure.horizons=5,1m,1y
    backtest run streak5 --set measure.asset=small,market,equal_weight
    backtest run streak5 --legs --events 21
    backtest run streak5 --since 2000-01-01 --no-trade --json
    backtest run streak5 --name baseline --tag paper --note "as in the draft"
    backtest run tag:fed 'streak*' --dataset us-size
    backtest run streak5 --set detector.sessions=4 --holdout 2015-01-01
    backtest run streak5_panel --dataset us-stocks --workers 2
    backtest run --all --quiet
    """
    from backtest.cli.run_studies import Wanted, run_one, run_several
    from backtest.cli.selectors import selected
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    asked = selected(workspace, names, every)
    labels = _labels(workspace, name, tags, note, asked, output)
    changes = overrides(settings, _beginning(since, holdout), until)
    shown = (legs, events, labels, output, allow_lookahead, quiet, as_json)
    wanted = Wanted(workspace, dataset, changes, not no_trade, *shown, strict, holdout, workers, cluster)
    if len(asked) == 1:
        run_one(wanted, asked[0])
    else:
        run_several(wanted, asked, names)


def _beginning(since: datetime | None, holdout: datetime | None) -> datetime | None:
    """Return the first day of the sample window, if one is given."""
    if since and holdout:
        raise click.UsageError("--holdout and --since exclude each other: both say where the sample begins.")
    return since or holdout


def _labels(
    workspace: Workspace, name: str, tags: tuple[str, ...], note: str, asked: Sequence[str], output: Path | None
) -> Labels:
    """Check name, tags and note; a name is for one run, and no other may have it."""
    from backtest.catalog.naming import refuse_taken_name
    from backtest.record.sidecar import checked_labels

    if name and len(asked) > 1:
        raise click.UsageError(f"--name names one run, and {len(asked)} studies are asked for; --tag tags them all.")
    labels = checked_labels(name, tags, note)
    if name and output is None:
        refuse_taken_name(workspace, name)
    return labels
