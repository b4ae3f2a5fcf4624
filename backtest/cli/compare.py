"""``backtest compare``: studies side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_settings, complete_studies
from backtest.cli.console import print_json, print_path, shown_path, working
from backtest.cli.options import (
    HORIZON,
    DatasetOption,
    json_option,
    lookahead_option,
    overrides,
    refuse_incomplete,
    strict_option,
)
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.cli.several import Several
    from backtest.workspace import Workspace

SORTS = ("p", "excess", "hits", "n", "name", "given")
"""As in `backtest.comparison.standings`, which help must not import."""


@click.command()
@click.argument("names", metavar="[A B]...", nargs=-1, shell_complete=complete_studies)
@click.option("--all", "every", is_flag=True, help="Compare every strategy.")
@click.option(
    "--dataset",
    "-d",
    cls=DatasetOption,
    show_default=True,
    metavar="D[,D…]",
    help="Dataset to run strategies on; of several, each strategy is run on each.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="[A:]KEY=VALUE",
    shell_complete=complete_settings,
    help="Override a key of all strategies, or of entry A alone, by its name or its number: 2:sessions=4.",
)
@click.option(
    "--vary",
    multiple=True,
    metavar="KEY=…",
    shell_complete=complete_settings,
    help="Run each strategy with KEY=V1,V2,… or KEY=FROM:TO:STEP; several make every combination.",
)
@click.option(
    "--horizon",
    type=HORIZON,
    metavar="H",
    help="Horizon of the ranking, as 21 or 1m [default: of those most studies have, the nearest to 21 sessions].",
)
@click.option(
    "--sort",
    type=click.Choice(SORTS),
    default="p",
    show_default=True,
    help="Order of the ranking: by adjusted p, excess, hit rate, number of events, name, or as given.",
)
@strict_option
@lookahead_option
@json_option
def compare(
    names: tuple[str, ...],
    every: bool,
    dataset: str,
    settings: tuple[str, ...],
    vary: tuple[str, ...],
    horizon: int | str | None,
    sort: str,
    strict: bool,
    allow_lookahead: bool,
    as_json: bool,
) -> None:
    """Put 2 to 40 studies side by side.

    A name is a strategy, which is run now, also as NAME@DATASET; or a recorded run: its id or the beginning of it, its
    hash, or its name. It may also stand for several: a pattern ('streak*', quoted) or tag:NAME for strategies, runs:TAG
    for recorded runs with that tag. First stands a ranking at one horizon, then whether any two differ by more than
    chance, which settings differ, and every horizon. An event is shared if its episode overlaps an episode of the other
    study; on a panel, if the other has one of the same asset with the same day 0. All studies are of single series, or
    all of panels.

    \b
    backtest compare streak5 rotation ratecut
    backtest compare streak5 --vary detector.sessions=4,5,6 --horizon 63
    backtest compare streak5 streak5 --set 2:detector.sessions=4 --sort excess
    backtest compare streak5 rotation --dataset us-size,sample
    backtest compare tag:fed streak5@us-size 1f2e3d4c
    backtest compare streak5_panel --vary detector.sessions=4,5 -d us-stocks
    """
    from backtest.cli.compare_view import print_comparison
    from backtest.cli.selectors import selected
    from backtest.cli.several import Several
    from backtest.comparison.asked import Options
    from backtest.comparison.gather import gather
    from backtest.comparison.looks_compared import count_compared
    from backtest.comparison.result import compare_json
    from backtest.tuning.grid import parse_grid
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    asked = selected(workspace, names, every, runs=True)
    of_one = _by_entry(settings)
    options = Options(_datasets(dataset), parse_grid(vary, "--vary"), of_one.pop("", {}), of_one)
    several = Several(asked, names)
    with working("Running the studies…"):
        entries = gather(workspace, asked, options, allow_lookahead=allow_lookahead, skip=several.skip)
        content = compare_json(entries, horizon=horizon, sort=sort)
    counts = count_compared(workspace, entries, content)  # before anybody sees the result
    content |= _skipped(several, options.datasets, content["notes"]) | {"ledger": [one.to_json() for one in counts]}
    if not as_json:
        print_comparison(content)
    _record(workspace, content, as_json=as_json)
    if strict:
        refuse_incomplete(counts)


def _record(workspace: Workspace, content: Json, *, as_json: bool) -> None:
    """Record the comparison, and print where."""
    from backtest.catalog.runs import refresh_index
    from backtest.comparison.result import record_comparison

    path = record_comparison(workspace, content)
    refresh_index(workspace.reports)
    if as_json:
        print_json({**content, "files": {"report": shown_path(path)}})
    else:
        print_path("Report", path)


def _skipped(several: Several, datasets: Sequence[str], notes: list[Json]) -> Json:
    """Return what a comparison says of strategies that were left out; nothing where none was."""
    from backtest.model import Note

    said = [several.skipped_words(" and ".join(datasets))] if several.skipped else []
    said += [several.apart_words()] if several.apart else []
    if not said:
        return {}
    told = [Note("skipped", "strategies", text).to_json() for text in said]
    return {"notes": [*notes, *told], "skipped": several.skipped_json()}


def _datasets(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise click.UsageError("--dataset names no dataset.")
    return names


def _by_entry(settings: Sequence[str]) -> dict[str, Json]:
    """Part ``A:KEY=VALUE`` into the settings of each entry; those of all stand under an empty name."""
    texts: dict[str, list[str]] = {}
    for text in settings:
        head, found, value = text.partition("=")
        entry, _, key = head.rpartition(":")
        texts.setdefault(entry.strip(), []).append(f"{key}{found}{value}")
    return {entry: overrides(given, None, None) for entry, given in texts.items()}
