"""``backtest events``: the episodes only."""

from __future__ import annotations

from datetime import datetime

import click

from backtest.cli.options import json_option, overrides, study_options
from backtest.cli.output import GAP, print_json, print_table, print_text


@click.command()
@click.argument("name")
@study_options
@json_option
def events(
    name: str,
    dataset: str,
    settings: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> None:
    r"""List the events of a strategy, and nothing that came after.

    \b
    backtest events streak5
    backtest events ratecut --dataset us-size --since 2024-01-01
    """
    from backtest.cli.tables import SIMULATED, count
    from backtest.study.observe import observe
    from backtest.study.plan import make_plan
    from backtest.study.summary import dataset_json, events_json
    from backtest.study.tables import events_table
    from backtest.workspace import Workspace

    plan = make_plan(Workspace.find(), name, dataset, overrides(settings, since, until))
    seen = observe(plan)
    prices, indicator = plan.dataset.prices, seen.condition.indicator
    values = events_table(prices, seen)["indicator"].to_pylist()
    rows = events_json(prices, seen)
    first, last = (str(prices.sessions[i]) for i in seen.window)
    if as_json:
        print_json(
            {
                "schema": 1,
                "strategy": plan.strategy.name,
                "dataset": dataset_json(plan),
                "parameters": plan.parameters,
                "sample": {"first": first, "last": last},
                "indicator": None if indicator is None else {"name": indicator.name, "unit": indicator.unit},
                "n_events": len(rows),
                "events": [{**row, "indicator": value} for row, value in zip(rows, values, strict=True)],
            }
        )
        return
    print_text(plan.strategy.title, bold=True)
    print_text(f"{plan.dataset.title} ({plan.dataset.name}), {first} to {last}: {count(len(rows), 'event')}")
    if plan.dataset.synthetic:
        print_text(SIMULATED, bold=True)
    if indicator is not None:
        print_text(f"indicator: {indicator.name} ({indicator.unit}), on the trigger")
    print_table(
        ("start", "trigger", "end", "day 0", "indicator"),
        [
            (row["start"], row["trigger"], row["end"], row["day0"], GAP if value is None else f"{value:.4g}")
            for row, value in zip(rows, values, strict=True)
        ],
        left=(),
    )
