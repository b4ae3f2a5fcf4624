"""``backtest freeze``: fix a question before it is looked at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_text
from backtest.cli.options import HORIZON, json_option, overrides, report_short_keys, study_options
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.plan import Plan


@click.command()
@click.argument("name", shell_complete=complete_strategies)
@click.option(
    "--horizon", type=HORIZON, metavar="H", help="The one horizon that counts [default: 21, or the middle one]."
)
@click.option(
    "--expect",
    type=click.Choice(["positive", "negative", "either"]),
    default="either",
    show_default=True,
    help="The sign of the excess that would count as yes.",
)
@study_options
@json_option
def freeze(
    name: str,
    horizon: int | str | None,
    expect: str,
    dataset: str,
    settings: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Fix a question before you look at it.

    What is fixed stands in the ledger: the strategy with all its parameters, the data by their hash, one horizon, and
    what counts as yes, which is the expected sign with a p of at most 5%. No return is looked at. The report of a later
    'backtest run' of the same says when it was fixed, whether that was before any look, and the answer; looks taken
    after it was fixed do not count against it.

    \b
    backtest freeze streak5 --horizon 21 --expect positive
    backtest freeze streak5 --set detector.sessions=4 --dataset us-size
    backtest run streak5
    """
    from backtest.plan import make_plan
    from backtest.study.freezing import freeze_plan
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    fixed = overrides(settings, since, until)
    plan = make_plan(workspace, name, dataset, fixed)
    report_short_keys(fixed, plan.strategy)
    entry, new = freeze_plan(workspace, plan, _horizon(plan, horizon), expect)
    if as_json:
        print_json({"schema": 1, "new": new, **entry})
    else:
        _print(entry, new)


def _horizon(plan: Plan, requested: int | str | None) -> int | str:
    from backtest.cli.tune import chosen_horizon
    from backtest.study.looks_of_study import horizons_of_plan

    return chosen_horizon(horizons_of_plan(plan), requested)


def _print(entry: Json, new: bool) -> None:
    from backtest.format import period, plural, share
    from backtest.ledger.frozen import SHORT, WANTED

    name = f"{entry['strategy']} on {entry['dataset']}"
    print_text(f"{'Fixed' if new else 'Fixed already, on ' + entry['at'][:10]}: {name}", bold=True)
    print_text(
        f"Yes if, over {period(entry['horizon'])}, {WANTED[entry['expect']]}, with p at most {share(entry['level'])}."
    )
    print_text(f"Data: sha256 {entry['data_sha256'][:SHORT]}. Line {entry['line']} of the ledger.")
    if entry["seen"]:
        print_text(f"It had been looked at before: {plural(entry['before'], 'look')} count against it.", bold=True)
    elif entry["before"]:
        print_text(f"{plural(entry['before'], 'look')} at other parameters came before, and count against it.")
    else:
        print_text("Nobody had looked at this question before.")
