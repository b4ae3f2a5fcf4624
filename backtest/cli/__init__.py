"""The command line: one command a file, nothing heavy imported before it is needed."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import click

from backtest.cli.audit import audit
from backtest.cli.claims import claims
from backtest.cli.compare import compare
from backtest.cli.data.group import data
from backtest.cli.events import events
from backtest.cli.fedwatch import fedwatch
from backtest.cli.init import init
from backtest.cli.list_ import list_
from backtest.cli.report import report
from backtest.cli.run import run
from backtest.cli.show import show
from backtest.cli.tune import tune
from backtest.cli.watch import watch
from backtest.errors import BacktestError, one_line

DONE, REFUSED, USAGE, BUG = 0, 1, 2, 3


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="episode-backtest", prog_name="backtest")
def cli() -> None:
    """Ask what came next after a market episode, and whether it means anything.

    \b
    backtest run streak5                    the report, on the simulated sample
    backtest run streak5 --set detector.sessions=4
    backtest data import us-size --from DIR real history, from your own files
    backtest list                           strategies, datasets, detectors, runs

    Exit status: 0 done, 1 refused (one line says why), 2 wrong usage, 3 a bug.
    """


for command in (run, events, list_, show, report, compare, tune, claims, audit, watch, fedwatch, data, init):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    sys.exit(status_of(arguments))


def status_of(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 done, 1 refused, 2 wrong usage, 3 a bug."""
    try:
        cli.main(args=None if arguments is None else list(arguments), prog_name="backtest", standalone_mode=False)
    except BacktestError as error:
        click.echo(f"Error: {error}", err=True)
        return REFUSED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return 130
    except OSError as error:  # a full disk, a folder that may not be written to: no bug of ours, and no traceback
        where = f"{error.filename}: " if error.filename else ""
        hint = "Check the path, who may write there, and the space left."
        click.echo(f"Error: {one_line(f'{where}{error.strerror or error}')}. {hint}", err=True)
        return REFUSED
    except Exception:  # noqa: BLE001  the boundary: whatever comes here is our bug, shown whole
        traceback.print_exc()
        click.echo("This is a bug of backtest. Please report it with the lines above.", err=True)
        return BUG
    return DONE
