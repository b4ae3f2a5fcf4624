"""``backtest run``: from a strategy to a recorded run and its report."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from backtest.cli.console import print_json, print_path, with_paths, working
from backtest.cli.options import json_option, lookahead_option, overrides, report_short_keys, study_options
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.study.study import Study
    from backtest.workspace import Workspace


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@study_options
@click.option("--no-trade", is_flag=True, help="Leave out the simulated trade.")
@lookahead_option
@json_option
def run(
    names: tuple[str, ...],
    dataset: str,
    settings: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    no_trade: bool,
    allow_lookahead: bool,
    as_json: bool,
) -> None:
    """Run strategies: events, returns, verdict, trade, report.

    NAME is a strategy of the workspace, a built-in one, or a path to a .toml file.

    \b
    backtest run streak5
    backtest run streak5 ratecut --dataset us-size
    backtest run streak5 --set detector.sessions=4 --set measure.horizons=[5,21]
    backtest run streak5 --set measure.horizons=5,1m,1y
    backtest run streak5 --set measure.asset=small,market,equal_weight
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
    studies = [run_plan(plan, allow_lookahead=allow_lookahead) for plan in plans]
    results = [_finish(workspace, study, not no_trade, quiet=as_json) for study in studies]
    if as_json:
        print_json(results[0] if len(results) == 1 else {"schema": 1, "runs": results})


def _finish(workspace: Workspace, study: Study, trade: bool, *, quiet: bool) -> Json:
    from backtest.cli.study_view import print_study, print_trade
    from backtest.record.read import read_summary

    if not quiet:
        print_study(study.summary)
    if trade and study.plan.strategy.trade is not None:
        with working("Simulating the trade…"):
            study = study.with_trade()
        if not quiet:
            print_trade(study.summary)
    folder = study.save(workspace)
    if not quiet:
        print_path("Report", folder / "report.html")
    return with_paths(read_summary(folder), folder)
