"""``backtest run``: from a strategy to a recorded run and its report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from backtest.cli.console import print_json, print_path, with_paths, working
from backtest.cli.options import json_option, lookahead_option, overrides, report_short_keys, study_options
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.study.study import Study
    from backtest.workspace import Workspace


@dataclass(frozen=True)
class Asked:
    """What is asked for beside the study: the trade, the tables of legs and events, JSON alone."""

    trade: bool
    legs: bool
    events: str | None
    """None: no table; else its horizon, empty for the one that the verdict speaks of."""
    as_json: bool


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
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
@lookahead_option
@json_option
def run(
    names: tuple[str, ...],
    dataset: str,
    settings: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    no_trade: bool,
    legs: bool,
    events: str | None,
    allow_lookahead: bool,
    as_json: bool,
) -> None:
    """Run strategies: events, returns, verdict, trade, report.

    NAME is a strategy of the workspace, a built-in one, or a path to a .toml file.

    \b
    backtest run streak5
    backtest run streak5 ratecut --dataset us-size
    backtest run streak5 --set detector.sessions=4 --set measure.horizons=[5,21]
    backtest run streak5 --set measure.asset=small,market,equal_weight
    backtest run streak5 --legs --events 21
    backtest run streak5 --since 2000-01-01 --no-trade --json
    """
    from backtest.plan import make_plan
    from backtest.study.run import run_plan
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    changes = overrides(settings, since, until)
    # All studies run before the first is recorded, so that a refusal comes before anything is written.
    plans = [make_plan(workspace, name, dataset, changes) for name in names]
    for plan in plans:
        report_short_keys(changes, plan.strategy)
    if events:
        from backtest.cli.outcomes_view import refuse_other_horizons

        refuse_other_horizons(events, plans)
    studies = [run_plan(plan, allow_lookahead=allow_lookahead) for plan in plans]
    asked = Asked(not no_trade, legs, events, as_json)
    results = [_finish(workspace, study, asked) for study in studies]
    if as_json:
        print_json(results[0] if len(results) == 1 else {"schema": 1, "runs": results})


def _finish(workspace: Workspace, study: Study, asked: Asked) -> Json:
    from backtest.cli.study_view import print_study, print_trade
    from backtest.record.read import read_summary

    if not asked.as_json:
        print_study(study.summary, partial(_details, study, asked))
    if asked.trade and study.plan.strategy.trade is not None:
        with working("Simulating the trade…"):
            study = study.with_trade()
        if not asked.as_json:
            print_trade(study.summary)
    folder = study.save(workspace)
    if not asked.as_json:
        print_path("Report", folder / "report.html")
    found = with_paths(read_summary(folder), folder)
    if asked.as_json:
        from backtest.study.export.leg_tables import with_outcomes

        return with_outcomes(found, study)
    return found


def _details(study: Study, asked: Asked) -> None:
    """Print the tables that are asked for beside the table of horizons."""
    if asked.legs or asked.events is not None:
        from backtest.cli.outcomes_view import print_events, print_legs
        from backtest.study.export.leg_tables import with_outcomes

        if asked.legs:
            print_legs(study.summary)
        if asked.events is not None:
            print_events(with_outcomes(study.summary, study), asked.events)
