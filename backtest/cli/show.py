"""``backtest show``: one strategy, dataset, detector or run."""

from __future__ import annotations

from pathlib import Path

import click

from backtest.cli.completion import complete_everything
from backtest.cli.console import print_json, print_path, print_table, print_text
from backtest.cli.options import json_option
from backtest.errors import NotFound, closest
from backtest.workspace import Workspace


@click.command()
@click.argument("name", shell_complete=complete_everything)
@click.option("--page", is_flag=True, help="Write a detector's page instead; NAME 'detectors' writes all pages.")
@click.option("--picture", is_flag=True, help="With --page: also run your own detector, to draw it on the sample.")
@click.option("--all", "every_date", is_flag=True, help="For a dataset: list every date of each finding.")
@json_option
def show(name: str, page: bool, picture: bool, every_date: bool, as_json: bool) -> None:
    """Show a strategy, a dataset, a detector or a recorded run.

    \b
    backtest show streak5          every parameter, defaults included
    backtest show us-size          series, roles and sources of a dataset
    backtest show streak           what a detector flags, and its parameters
    backtest show efe990dd         a recorded run, by id, its beginning, or name
    backtest show mine.py          your own detector: it is read, not run
    backtest show streak --page    the same as a page with a picture
    backtest show detectors --page a page of every detector, and an index
    """
    from backtest.cli.show_detector import detector_files, show_detector, write_pages
    from backtest.record.find import find_run, named_runs, run_folders

    workspace = Workspace.find()
    detectors = detector_files(workspace)
    if name.endswith(".py") and Path(name).is_file():
        path = Path(name)
        name = path.name
        detectors[name] = path
    if page:
        write_pages(workspace, name, detectors, picture, as_json)
        return
    if name in workspace.strategies() or name.endswith(".toml"):
        _strategy(workspace, name, as_json)
    elif name in workspace.datasets():
        from backtest.cli.data.view import show_dataset

        show_dataset(workspace, name, as_json, every_date)
    elif name in detectors:
        show_detector(name, detectors[name], as_json)
    else:
        try:
            folder = find_run(workspace.reports, name)
        except NotFound as error:
            runs = [*named_runs(workspace.reports), *(folder.name for folder in run_folders(workspace.reports))]
            known = [*workspace.strategies(), *workspace.datasets(), *detectors, *runs]
            hint = closest(name, known) or "'backtest list' shows what there is."
            raise NotFound(f"'{name}' is not a known strategy, dataset, detector or run.", hint) from error
        _run(workspace, folder, as_json)


def _strategy(workspace: Workspace, name: str, as_json: bool) -> None:
    from backtest.detect.tree import written_tables
    from backtest.spec.completed import parameters_of
    from backtest.spec.strategy import load_strategy

    strategy = load_strategy(workspace.strategy(name))
    parameters = parameters_of(strategy, written_tables(strategy))
    if as_json:
        print_json(
            {
                "schema": 1,
                "strategy": strategy.name,
                "title": strategy.title,
                "question": strategy.question,
                "path": str(strategy.path),
                "parameters": parameters,
                "tune": strategy.tune,
            }
        )
        return
    print_text(strategy.title, bold=True)
    if strategy.question:
        print_text(strategy.question)
    print_path("File", strategy.path)
    print_table(("parameter", "value"), [(key, _value(value)) for key, value in parameters.items()], left=(0, 1))


def _run(workspace: Workspace, folder: Path, as_json: bool) -> None:
    from backtest.catalog.provenance import with_data_change
    from backtest.cli.console import with_paths
    from backtest.cli.labels_view import print_labels, with_labels
    from backtest.cli.study_view import print_study, print_trade
    from backtest.model.record import is_panel
    from backtest.record.read import read_summary

    run = with_data_change(workspace, read_summary(folder))
    if as_json:
        print_json(with_labels(with_paths(run, folder), folder))
        return
    if is_panel(run):
        from backtest.cli.panel_study_view import print_panel_study

        print_panel_study(run)
    else:
        print_study(run)
    if run["trade"] is not None:
        print_trade(run)
    print_labels(folder)
    print_path("Report", folder / "report.html")


def _value(value: object) -> str:
    return "not set" if value is None else str(value) or "none"
