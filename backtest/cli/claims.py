"""``backtest claims``: what someone said against what the data say."""

from __future__ import annotations

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_path, shown_path, working
from backtest.cli.options import dataset_option, json_option


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_strategies)
@dataset_option
@json_option
def claims(names: tuple[str, ...], dataset: str, as_json: bool) -> None:
    """Check claims against the data.

    A strategy's [claim] quotes what someone said, with its figures and their tolerances. The verdict is: holds, holds
    on another basis or on another choice, does not hold, cannot be checked, or open if the claim gives no number.
    Without a name, check every strategy that has a claim, one line each; with a name, show what was found. On
    simulated data, only figures pinned to public facts are judged.

    \b
    backtest claims --dataset us-size
    backtest claims streak5
    backtest claims five_percent_day --dataset us-size
    """
    from backtest.catalog.runs import refresh_index
    from backtest.claims.result import claims_json, record_claims
    from backtest.cli.selectors import selected
    from backtest.study.looks_of_study import count_study
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    with working("Checking…"):
        chosen = selected(workspace, names) if names else []
        content = claims_json(workspace, chosen, dataset, lambda study: count_study(workspace, study, "claims"))
    if not as_json:
        from backtest.cli.claims_view import print_claims

        print_claims(content, details=bool(names))
    path = record_claims(workspace, content)
    refresh_index(workspace.reports)
    if as_json:
        print_json({**content, "files": {"report": shown_path(path)}})
    else:
        print_path("Report", path)
