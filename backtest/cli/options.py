"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from backtest.cli.completion import complete_datasets, complete_settings
from backtest.cli.typed_dates import first_day, last_day, typed_value
from backtest.errors import BacktestError
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.ledger.count import Count
    from backtest.spec.strategy import Strategy


if TYPE_CHECKING:
    _Type = click.ParamType[int | str]
else:
    _Type = click.ParamType  # earlier versions of click cannot be told of what type it is


class _Horizon(_Type):
    """A horizon as a strategy has it: a number of sessions, or a word such as 3m."""

    name = "horizon"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:  # noqa: ANN401
        from backtest.model.horizon import written
        from backtest.spec.measure import checked_horizon

        try:
            return checked_horizon(written(value) if isinstance(value, str) else value)
        except ValueError as error:
            self.fail(f"{value} {error}.", param, ctx)


HORIZON = _Horizon()

Command = TypeVar("Command", bound=Callable[..., Any])


class DatasetOption(click.Option):
    """The option that names a dataset; its default is the workspace's."""

    def get_default(self, ctx: click.Context, call: bool = True) -> Any:  # noqa: ANN401  click's signature
        """Return the workspace's default dataset; help and completion never refuse it."""
        from backtest.workspace import DEFAULT_DATASET, Workspace

        if call and not ctx.resilient_parsing:
            return Workspace.find().default_dataset()
        try:
            return Workspace.find().dataset_setting()[0]
        except BacktestError:
            return DEFAULT_DATASET


dataset_option = click.option(
    "--dataset",
    "-d",
    cls=DatasetOption,
    show_default=True,
    metavar="D",
    shell_complete=complete_datasets,
    help="Dataset to run on; see 'backtest list datasets'. The workspace's file may set the default.",
)
cluster_option = click.option(
    "--cluster", metavar="ADDRESS", help="Compute on the Dask cluster with this scheduler, as tcp://10.0.0.1:8786."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout, and nothing else.")

lookahead_option = click.option(
    "--allow-lookahead",
    is_flag=True,
    help="Run a detector even if it looks ahead; the report says so in red.",
)


strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Exit with status 1 if it is not known how often the question was looked at; the record is written.",
)


def study_options(command: Command) -> Command:
    """Add the options that change a study: dataset, settings, sample window."""
    for option in (
        click.option(
            "--until", type=last_day, metavar="DATE", help="Last day of the sample window, or a month or a year."
        ),
        click.option(
            "--since", type=first_day, metavar="DATE", help="First day of the sample window, or a month or a year."
        ),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="KEY=VALUE",
            shell_complete=complete_settings,
            help="Override a key, e.g. detector.sessions=4, or sessions=4 if only one key ends so.",
        ),
        dataset_option,
    ):
        command = option(command)
    return command


def overrides(settings: Sequence[str], since: datetime | None, until: datetime | None) -> Json:
    """Turn --set, --since and --until into overrides of a strategy."""
    from backtest.spec.overrides import parse_setting

    pairs = [(key, typed_value(key, value)) for key, value in map(parse_setting, settings)]
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise click.UsageError(f"--set {twice} is given twice.")
    if since is not None:
        found["episodes.since"] = since.date()
    if until is not None:
        found["episodes.until"] = until.date()
    return found


def report_short_keys(given: Json, strategy: Strategy) -> None:
    """Print on stderr the full key that each short key stands for."""
    for key in given:
        if key not in strategy.overrides:
            full = next(one for one in strategy.overrides if one.endswith(f".{key}"))
            click.echo(f"{strategy.name}: --set {key} is taken as {full}.", err=True)


def refuse_incomplete(counts: Sequence[Count]) -> None:
    """Refuse counts of looks that may lack some: what ``--strict`` asks for, once everything is recorded.

    Raises
    ------
    BacktestError
        A count is incomplete; the message says why.
    """
    for count in counts:
        if count.reasons:
            about = " on ".join(count.question)
            raise BacktestError(
                f"the count of looks at {about} is INCOMPLETE: {'; '.join(count.reasons)}.",
                "The record is written; 'backtest ledger verify' checks the ledger.",
            )
