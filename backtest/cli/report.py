"""``backtest report``: redraw the report of a recorded run."""

from __future__ import annotations

import click

from backtest.cli.completion import complete_runs
from backtest.cli.console import print_json, print_path, shown_path
from backtest.cli.options import json_option
from backtest.workspace import Workspace


@click.command()
@click.argument("run", shell_complete=complete_runs)
@click.option("--open", "open_", is_flag=True, help="Open the report in the browser.")
@json_option
def report(run: str, open_: bool, as_json: bool) -> None:
    """Redraw the report of a recorded run.

    The report is drawn from the record alone. RUN is a run id or the beginning of one (of its hash, too), a name given
    to a run, a strategy (its latest run), or a run's folder.

    \b
    backtest report streak5 --open
    backtest report efe990dd
    """
    from dataclasses import replace

    from backtest.catalog.provenance import with_data_change
    from backtest.catalog.runs import refresh_index
    from backtest.files import write_page
    from backtest.record.find import find_run
    from backtest.record.read import read_run
    from backtest.report.pages.record_page import record_page

    workspace = Workspace.find()
    folder = find_run(workspace.reports, run)
    path = folder / "report.html"
    record = read_run(folder)
    write_page(path, record_page(replace(record, run=with_data_change(workspace, record.run))))
    refresh_index(workspace.reports)
    if as_json:
        print_json({"schema": 1, "run_id": folder.name, "files": {"report": shown_path(path)}})
    else:
        print_path("Report", path)
    if open_:
        click.launch(path.resolve().as_uri())
