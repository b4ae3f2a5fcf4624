"""The command line: one command per file, and nothing heavy imported before it is needed."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Any

import click

from backtest import interrupts
from backtest._version import __version__
from backtest.cli.standard_streams import streams
from backtest.errors import LONGEST_MESSAGE, BacktestError, cut

DONE, REFUSED, USAGE, BUG = 0, 1, 2, 3

COMMANDS = {
    "run": "run:run",
    "events": "events:events",
    "list": "list_:list_",
    "show": "show:show",
    "tag": "tag:tag",
    "clean": "clean:clean",
    "report": "report:report",
    "verify": "verify:verify",
    "export": "export:export",
    "compare": "compare:compare",
    "tune": "tune:tune",
    "freeze": "freeze:freeze",
    "ledger": "ledger:ledger",
    "calibrate": "calibrate:calibrate",
    "selftest": "selftest:selftest",
    "claims": "claims:claims",
    "audit": "audit:audit",
    "watch": "watch:watch",
    "fedwatch": "fedwatch:fedwatch",
    "data": "data.group:data",
    "init": "init:init",
}
"""Where each command lives below this package; only the command that is run is imported."""

COLLECT_AFTER = 200_000
"""New objects before garbage is collected. Python's default of 700 is reached a hundred times while a command is
imported, when there is no garbage yet: that costs a twentieth of a run. A run ends before so many objects are made."""


class Commands(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(f"{__name__}.{module}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="backtest")
def cli() -> None:
    """Ask what came next after a market episode, and whether it means anything.

    \b
    backtest run streak5                    the report, on the simulated sample
    backtest run streak5 --set detector.sessions=4
    backtest data import us-size --from DIR real history, from your own files
    backtest list                           strategies, datasets, detectors, runs

    Exit status: 0 done, 1 refused (one line says why), 2 wrong usage, 3 a bug, 130 interrupted.
    """
    interrupts.stop_the_command()  # all that it needs to begin is imported


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # finding them costs a twentieth of 'backtest list'
    # Our matrices have two columns: more threads have no work to share, and starting them costs a twentieth of a run.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(COLLECT_AFTER)
    streams.forgive()
    warnings.showwarning = _show_warning  # type: ignore[assignment]  # it passes on what it does not name
    try:
        status = status_of(arguments)
    except KeyboardInterrupt:  # a second one, while the first was answered
        status = interrupts.STOPPED
    interrupts.stop_nothing()
    status = _with_output(status)
    interrupts.leave_waiting(status)
    gc.freeze()  # the process ends: a final collection over all imported modules takes a twelfth of a run
    sys.exit(status)


def _with_output(status: int) -> int:
    """Say on stderr if output was lost; then a command that is done has not shown its result, and its status is 1."""
    lost = streams.refusal()
    if lost:
        click.echo(f"Error: {lost}", err=True)
    return status or (REFUSED if streams.lost(1) else DONE)


def status_of(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 done, 1 refused, 2 wrong usage, 3 a bug."""
    try:
        given = None if arguments is None else list(arguments)
        stopped = cli.main(args=given, prog_name="backtest", standalone_mode=False)
    except BacktestError as error:
        click.echo(f"Error: {error}", err=True)
        return REFUSED
    except click.ClickException as error:
        if len(error.message) > LONGEST_MESSAGE:  # an argument may be of any length
            click.echo(f"Error: {cut(error.message, LONGEST_MESSAGE)}", err=True)
        else:
            error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _stopped()
    except OSError as error:  # a full disk, a read-only folder: not our bug, so no traceback
        where = f"{error.filename}: " if error.filename else ""
        hint = "Check the path, its permissions, and the space left on the disk."
        click.echo(f"Error: {cut(f'{where}{error.strerror or error}', LONGEST_MESSAGE)}. {hint}", err=True)
        return REFUSED
    except Exception:  # noqa: BLE001  the boundary: any other exception is our bug, shown in full
        if interrupts.came():  # within an import, a library may make an error of its own of it
            return _stopped()
        traceback.print_exc()
        click.echo("This is a bug of backtest. Please report it with the lines above.", err=True)
        return BUG
    return stopped if isinstance(stopped, int) else DONE  # click returns the status that a command exits with


def _show_warning(message: Warning | str, category: type[Warning], *place: object) -> None:
    """Print what the user must know as a note; any other warning as Python does."""
    from backtest.files import NotListed  # few commands warn

    if issubclass(category, NotListed):
        click.echo(f"Note: {message}", err=True)
    else:
        _shown_by_python(message, category, *place)


_shown_by_python: Any = warnings.showwarning


def _stopped() -> int:
    click.echo(interrupts.SAYS.decode().strip(), err=True)
    return interrupts.STOPPED
