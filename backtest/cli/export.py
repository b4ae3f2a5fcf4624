"""``backtest export``: a recorded result as tables or a picture for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from backtest.cli.completion import complete_runs
from backtest.cli.console import print_json, print_path, print_text, shown_path
from backtest.cli.options import json_option


@click.command()
@click.argument("name", metavar="RUN", shell_complete=complete_runs)
@click.option(
    "--to",
    "form",
    type=click.Choice(["xlsx", "csv", "latex", "md", "png", "svg"]),
    help="Form of the file; by default as the name of --output ends.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write, for CSV of all tables a folder; by default in the current folder, named after the run.",
)
@click.option("--table", metavar="NAME", help="The only table to write, e.g. horizons.")
@click.option("--dark", is_flag=True, help="Draw a picture on dark ground.")
@json_option
def export(name: str, form: str | None, output: Path | None, table: str | None, dark: bool, as_json: bool) -> None:
    """Write a recorded result as tables or a picture.

    RUN is a run as in 'backtest report', the id of a search or a comparison, 'compare' for the latest comparison, or
    a path to one.

    \b
    xlsx        a workbook: what it is, and one sheet a table
    csv         one file a table, fractions with all their digits
    latex, md   the table of horizons and of the legs, or --table
    png, svg    a picture of 1200 x 675: the finding, and every event of a
                run, every study of a comparison, every set of a search

    Simulated data stay marked as such: in every row, sheet and picture. For xlsx, png and svg:
    pip install 'episode-backtest[export]'

    \b
    backtest export streak5 --to xlsx
    backtest export streak5 --to csv --table forward_returns
    backtest export streak5 -o finding.png --dark
    """
    from backtest.handout.forms import form_of, hand_out
    from backtest.handout.results import gather_handout
    from backtest.workspace import Workspace

    named = None if output is None else form_of(output)
    chosen = form or named
    if chosen is None:
        raise click.UsageError("--to is missing: name a form, such as --to xlsx.")
    if form is not None and named not in (None, form):
        raise click.UsageError(f"--to {form} and --output {output} ask for two forms.")
    handout = gather_handout(Workspace.find().reports, name)
    paths = hand_out(handout, chosen, output, table=table, dark=dark)
    if as_json:
        print_json(
            {"schema": 1, "name": handout.name, "simulated": handout.simulated, "files": [*map(shown_path, paths)]}
        )
        return
    if handout.simulated:
        from backtest.cli.study_view import SIMULATED

        print_text(SIMULATED, bold=True)
    if len(paths) > 1:
        print_path(f"{len(paths)} files", paths[0].parent)
    else:
        print_path("Exported", paths[0])
