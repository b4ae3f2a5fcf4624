"""``backtest events``: the events only."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_table, print_text
from backtest.cli.options import json_option, lookahead_option, overrides, report_short_keys, study_options
from backtest.format import NONE
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.model import Detection
    from backtest.plan import Plan


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_strategies)
@click.option("--all", "every", is_flag=True, help="List the events of every strategy.")
@study_options
@lookahead_option
@json_option
def events(
    names: tuple[str, ...],
    every: bool,
    dataset: str,
    settings: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    allow_lookahead: bool,
    as_json: bool,
) -> None:
    """List the events of strategies.

    A name may be a pattern ('streak*', quoted) or tag:NAME. As in 'backtest run', a strategy whose own Python looks
    ahead is refused; of several, one that is refused does not stop the others.

    \b
    backtest events streak5
    backtest events ratecut --dataset us-size --since 2024-01-01
    """
    from backtest.cli.selectors import selected
    from backtest.cli.several import Several
    from backtest.data.store.read import load_dataset
    from backtest.plan import plan_on
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    changes = overrides(settings, since, until)
    asked = selected(workspace, names, every)
    several = Several(asked, names)
    for name in asked:
        workspace.strategy(name)
    data = load_dataset(workspace.dataset(dataset))
    contents: list[Json] = []
    for name in asked:
        with several.attempt(name):
            plan = plan_on(data, workspace, name, changes)
            report_short_keys(changes, plan.strategy)
            contents.append(_listed(plan, allow_lookahead=allow_lookahead, as_json=as_json))
    if as_json:
        print_json(several.to_json("strategies", contents))
    several.print_skipped(data.name, quietly=as_json)
    several.raise_if_failed()


def _listed(plan: Plan, *, allow_lookahead: bool, as_json: bool) -> Json:
    """Detect, print the events unless JSON is asked for, and return them as JSON."""
    if plan.of_panel:
        from backtest.cli.panel_events_view import list_panel_events

        return list_panel_events(plan, allow_lookahead=allow_lookahead, as_json=as_json)
    from backtest.study.detect_events import detect_events

    content = _content(plan, detect_events(plan, allow_lookahead=allow_lookahead))
    if not as_json:
        _print(plan, content)
    return content


def _content(plan: Plan, detection: Detection) -> Json:
    from backtest.study.export.listing import dataset_json, events_json, events_table, lookahead_json
    from backtest.study.notes import notes_on_events

    prices, indicator = plan.dataset.prices, detection.condition.indicator
    values = events_table(prices, detection)["indicator"].to_pylist()
    rows = events_json(prices, detection)
    first, last = (str(prices.sessions[i]) for i in detection.window)
    return {
        "schema": 1,
        "strategy": plan.strategy.name,
        "dataset": dataset_json(plan.dataset),
        "parameters": plan.parameters,
        "lookahead": lookahead_json(detection.lookahead),
        "notes": [note.to_json() for note in (*plan.notes, *detection.notes, *notes_on_events(plan, detection))],
        "sample": {"first": first, "last": last},
        "indicator": None if indicator is None else {"name": indicator.name, "unit": indicator.unit},
        "n_events": len(rows),
        "reconciliation": [account.to_json() for account in detection.accounts],
        "events": [{**row, "indicator": value} for row, value in zip(rows, values, strict=True)],
    }


def _print(plan: Plan, content: Json) -> None:
    from backtest.cli.study_view import SIMULATED, print_lookahead, print_notes, print_sums
    from backtest.format import plural

    print_text(plan.strategy.title, bold=True)
    first, last = content["sample"].values()
    print_text(f"{plan.dataset.title} ({plan.dataset.name}), {first} to {last}: {plural(content['n_events'], 'event')}")
    if plan.dataset.synthetic:
        print_text(SIMULATED, bold=True)
    print_sums(content["reconciliation"])
    print_lookahead(content["lookahead"])
    print_notes(content["notes"])
    if content["indicator"] is not None:
        print_text(f"indicator: {content['indicator']['name']} ({content['indicator']['unit']}), on the trigger")
    print_table(
        ("start", "trigger", "end", "day 0", "indicator"),
        [
            (*(row[key] for key in ("start", "trigger", "end", "day0")), number(row["indicator"]))
            for row in content["events"]
        ],
        left=(),
    )


def number(value: float | None) -> str:
    """Write an indicator's value with four digits."""
    return NONE if value is None else f"{value:.4g}"
