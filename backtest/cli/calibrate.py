"""``backtest calibrate``: how often the verdict is wrong, and how much it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from backtest.cli.calibrate_options import OF_A_PLACEBO, OF_A_PLAN, OF_A_WORLD, CalibrateOptions, calibrate_options
from backtest.cli.calibrate_view import print_placebo, print_sentence, print_tables, world_heading
from backtest.cli.console import print_json, progress_of
from backtest.cli.options import overrides, report_short_keys
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.workspace import Workspace


@click.command()
@calibrate_options
def calibrate(options: CalibrateOptions) -> None:
    """Measure the error rates and the power of the verdict.

    Without a name: in simulated worlds whose returns nothing predicts. Two of them, blockwild and realwild, are drawn
    from a dataset. With --world panels: on simulated panels of many assets, or on one such as panel_factor. With the
    name of a strategy: in histories that resemble its data, with its own detector, horizons and measure. With
    --placebo: on real series, with signals that carry no information.

    Counts are stored under reports/: a stopped command resumes where it was, and a larger --histories adds to what is
    there. The same seed gives the same figures on any number of processes.

    \b
    backtest calibrate
    backtest calibrate --world gjr --signal streak -n 30 --horizon 21
    backtest calibrate --world panels
    backtest calibrate streak5 --dataset us-size
    backtest calibrate --placebo --dataset us-size
    """
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    if options.name is not None:
        result = _strategy(options, options.name, workspace)
    elif options.placebo:
        result = _placebo(options, workspace)
    elif options.asks_for_panels:
        result = _panels(options, workspace)
    else:
        result = _worlds(options, workspace)
    if options.as_json:
        print_json({"schema": 1, "level": 0.05, **result})


WORLDS_ALONE = {"worlds": "--world", "kinds": "--signal", "sizes": "-n", "sessions": "--sessions"}
"""Options that apply to worlds only."""
OF_A_STRATEGY = {"settings": "--set", "real_path": "--real-path", "allow_lookahead": "--allow-lookahead"}
"""Options that apply to a strategy only."""


def _worlds(options: CalibrateOptions, workspace: Workspace) -> Json:
    from backtest.calibration.campaign import calibrate_world
    from backtest.calibration.choices import chosen_signals, chosen_worlds, world_task
    from backtest.calibration.words import on_worlds
    from backtest.data.store.read import load_dataset

    options.refuse("without --placebo", tries="--tries")
    options.refuse("without the name of a strategy", **OF_A_STRATEGY)
    data = load_dataset(workspace.dataset(options.dataset))
    since, until = (None if day is None else day.date() for day in (options.since, options.until))
    worlds = chosen_worlds(options.worlds, data, since, until)
    each = [(world, chosen_signals(world, options.kinds, options.sizes)) for world in worlds]
    histories = options.histories or OF_A_WORLD
    found = []
    for number, (world, signals) in enumerate(each):
        task = world_task(world, signals, options.horizons, options.sessions, options.seed, options.plant)
        with progress_of(f"{world.name} ({number + 1} of {len(each)})") as progress:
            one = calibrate_world(task, options.effort(histories, workspace, progress), [data.sha256, since, until])
        found.append(one)
        if not options.as_json:
            print_tables(options, world_heading(one), one)
    sentence = on_worlds(found)
    if not options.as_json:
        print_sentence(options, sentence)
    return {"kind": "worlds", "sentence": sentence, "calibrations": [one.to_json() for one in found]}


def _panels(options: CalibrateOptions, workspace: Workspace) -> Json:
    from backtest.calibration.campaign import calibrate_panel
    from backtest.calibration.panel_choices import chosen_panel_signals, chosen_panels, panel_task
    from backtest.calibration.words import on_worlds

    options.refuse("without --placebo", tries="--tries")
    options.refuse("without the name of a strategy", **OF_A_STRATEGY)
    options.refuse("to simulated panels", since="--since", until="--until")
    worlds = chosen_panels(options.worlds)
    each = [(world, chosen_panel_signals(world, options.kinds, options.sizes)) for world in worlds]
    found = []
    for number, (world, signals) in enumerate(each):
        task = panel_task(world, signals, options.horizons, options.sessions, options.seed, options.plant)
        with progress_of(f"{world.name} ({number + 1} of {len(each)})") as progress:
            one = calibrate_panel(task, options.effort(options.histories or OF_A_WORLD, workspace, progress))
        found.append(one)
        if not options.as_json:
            print_tables(options, world_heading(one), one)
    sentence = on_worlds(found)
    if not options.as_json:
        print_sentence(options, sentence)
    return {"kind": "panels", "sentence": sentence, "calibrations": [one.to_json() for one in found]}


def _strategy(options: CalibrateOptions, name: str, workspace: Workspace) -> Json:
    from backtest.calibration.campaign import calibrate_plan
    from backtest.calibration.plan_task import plan_task
    from backtest.calibration.words import on_plan
    from backtest.plan import make_plan

    options.refuse("with the name of a strategy", **WORLDS_ALONE, horizons="--horizon", placebo="--placebo")
    options.refuse("with the name of a strategy", tries="--tries", each="--each")
    changes = overrides(options.settings, options.since, options.until)
    plan = make_plan(workspace, name, options.dataset, changes)
    report_short_keys(changes, plan.strategy)
    task = plan_task(plan, options.seed, real_path=options.real_path, allow_lookahead=options.allow_lookahead)
    with progress_of(f"Calibrating {plan.strategy.name}") as progress:
        found = calibrate_plan(task, options.effort(options.histories or OF_A_PLAN, workspace, progress))
    sentence = on_plan(found, task.method, task.reason)
    if not options.as_json:
        print_tables(options, f"{found.title}: {found.histories:,} histories, seed {found.seed}", found)
        print_sentence(options, sentence)
    how = {"method": task.method, "reason": task.reason or None}
    return {"kind": "strategy", "sentence": sentence, **how, "calibrations": [found.to_json()]}


def _placebo(options: CalibrateOptions, workspace: Workspace) -> Json:
    from backtest.calibration.campaign import by_kind, by_size, calibrate_markets
    from backtest.calibration.choices import HORIZONS
    from backtest.calibration.placebo import placebo_task
    from backtest.calibration.words import on_markets
    from backtest.data.store.read import load_dataset

    options.refuse(
        "with --placebo", **WORLDS_ALONE, settings="--set", since="--since", until="--until", real_path="--real-path"
    )
    options.refuse("with --placebo, which counts --tries", histories="--histories")
    data = load_dataset(workspace.dataset(options.dataset))
    task = placebo_task(data, options.tries or OF_A_PLACEBO, options.horizons or HORIZONS, options.seed)
    with progress_of("Trying signals without information") as progress:
        found = calibrate_markets(task, options.effort(task.batches * len(task.series), workspace, progress))
    sizes, kinds = by_size(found), by_kind(found)
    sentence = on_markets(sizes, found.histories, len(task.series))
    if not options.as_json:
        print_placebo(options, found, sizes, kinds)
        print_sentence(options, sentence)
    tables = {"by_size": sizes.to_json(), "by_kind": kinds.to_json()}
    return {
        "kind": "placebo",
        "sentence": sentence,
        "series": list(task.series),
        "calibrations": [found.to_json()],
        **tables,
    }
