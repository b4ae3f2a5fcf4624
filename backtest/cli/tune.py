"""``backtest tune``: vary the parameters, and count every look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_path, print_table, print_text, progress_of, shown_path, with_paths
from backtest.cli.options import (
    HORIZON,
    json_option,
    lookahead_option,
    overrides,
    refuse_incomplete,
    report_short_keys,
    strict_option,
    study_options,
)
from backtest.cli.tune_evidence import print_evidence
from backtest.cli.tune_options import apply_option, objective_option, set_options, walk_forward_options
from backtest.cli.tune_sets import Asked, Chosen, check_choice, choose, space_of
from backtest.cli.typed_dates import first_day
from backtest.format import (
    objective_words,
    outcome,
    parameter,
    period,
    points,
    probability,
    searched_words,
    share,
)
from backtest.untyped import Json

if TYPE_CHECKING:
    from pathlib import Path

    from backtest.plan import Plan
    from backtest.tuning.search import Search
    from backtest.tuning.walk_forward import Rules
    from backtest.workspace import Workspace

SHOWN = 10


@click.command()
@click.argument("name", shell_complete=complete_strategies)
@set_options
@objective_option
@click.option(
    "--horizon",
    type=HORIZON,
    metavar="H",
    help="Horizon of the objective, such as 21 or 1m [default: 21, or the middle one].",
)
@click.option(
    "--holdout",
    type=first_day,
    metavar="DATE",
    help="Set the sessions from DATE on aside: the search does not see them; 'run --holdout DATE' opens them.",
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Processes [default: one per core, if there is enough to do]."
)
@click.option("--resume", is_flag=True, help="Go on with the same search where it was interrupted.")
@walk_forward_options
@apply_option
@study_options
@strict_option
@lookahead_option
@json_option
def tune(
    name: str,
    asked: Asked,
    objective: str,
    horizon: int | str | None,
    holdout: datetime | None,
    jobs: int | None,
    resume: bool,
    rules: Rules,
    applied: str | None,
    dataset: str,
    settings: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    strict: bool,
    allow_lookahead: bool,
    as_json: bool,
) -> None:
    """Try a grid of parameters, and count every look.

    Each set is the same study as 'backtest run' with that --set. The adjusted p counts the whole grid and all
    horizons: how often would noise, searched the same way, look this good?

    \b
    backtest tune streak5
    backtest tune streak5 --grid detector.sessions=3,4,5
    backtest tune streak5 --grid detector.threshold=0.005:0.015:0.0025
    backtest tune streak5 --holdout 2015-01-01
    backtest tune streak5 --grid sessions=2:8 --grid threshold=0.002:0.02 --random 200
    backtest tune streak5 --objective t --rolling 3 --embargo 21
    backtest tune streak5 --apply streak5b
    """
    from backtest.plan import make_plan
    from backtest.study.looks_of_study import horizons_of_plan
    from backtest.tuning.applied import apply_set, path_for
    from backtest.tuning.evidence_of_search import gather
    from backtest.tuning.looks_of_search import count_search
    from backtest.tuning.result import record_search, tune_json
    from backtest.tuning.unfinished import unfinished
    from backtest.workspace import Workspace

    check_choice(asked)
    workspace, fixed = Workspace.find(), overrides(settings, since, until)
    plan = make_plan(workspace, name, dataset, fixed)
    report_short_keys(fixed, plan.strategy)
    space = space_of(plan.strategy, asked)
    target = None if applied is None else path_for(workspace, plan.strategy.path, applied)
    plan, aside = _without_holdout(workspace, plan, holdout)
    horizons = horizons_of_plan(plan)
    at = chosen_horizon(horizons, horizon)
    column = horizons.index(at)
    chosen = choose(plan, space, asked, objective=objective, column=column, allow_lookahead=allow_lookahead)
    with unfinished(workspace.reports, plan, chosen.sets, resume=resume) as kept:
        found = _searched(plan, chosen, jobs, kept, allow_lookahead=allow_lookahead)
        of = gather(found, objective, column, rules)
        summary = tune_json(found, chosen.grid, objective, at, chosen.sampling, of) | aside
        counted = count_search(workspace, found, summary)  # before anybody sees the result
        summary["ledger"] = counted.to_json()
        if not as_json:
            _print(summary)
        folder = record_search(workspace, found, summary, of)
    if target is not None:
        apply_set(found, of, folder.name, target)
        click.echo(f"Written: {shown_path(target)}", err=as_json)
    _finish(workspace, summary, folder, as_json=as_json)
    if strict:
        refuse_incomplete([counted])


def _finish(workspace: Workspace, summary: Json, folder: Path, *, as_json: bool) -> None:
    """List the search on the home page, and print its record or where its page is."""
    from backtest.catalog.runs import refresh_index
    from backtest.tuning.result import FILES

    refresh_index(workspace.reports)
    if as_json:
        print_json(with_paths({**summary, "run_id": folder.name, "files": FILES}, folder))
    else:
        print_path("Report", folder / "report.html")


def _without_holdout(workspace: Workspace, plan: Plan, holdout: datetime | None) -> tuple[Plan, Json]:
    """Set the sessions of the holdout aside; return the study without them, and what the record says of it."""
    if holdout is None:
        return plan, {}
    from backtest.study.withheld import withheld_json, withhold, without

    begins = holdout.date()
    left = without(plan, begins)
    withhold(workspace, plan, begins)
    return left, {"holdout": withheld_json(plan, left, begins)}


def _searched(plan: Plan, chosen: Chosen, jobs: int | None, kept: Path | None, *, allow_lookahead: bool) -> Search:
    """Search with progress; say how to go on if it is stopped."""
    from backtest.tuning.search import search

    try:
        # A step is half a set: its events, and then its shifts.
        with progress_of("Trying parameter sets", rate=("sets", 0.5)) as progress:
            return search(plan, chosen.sets, progress, allow_lookahead=allow_lookahead, jobs=jobs, folder=kept)
    except KeyboardInterrupt:
        if kept is not None and any(kept.iterdir()):
            click.echo("What is done is kept. The same command with --resume goes on.", err=True)
        raise


def chosen_horizon(horizons: Sequence[int | str], requested: int | str | None) -> int | str:
    """Return the requested horizon, or 21 sessions, or the middle one; horizons are in order of their length."""
    if requested is None:
        return 21 if 21 in horizons else horizons[len(horizons) // 2]
    if requested not in horizons:
        listed = ", ".join(str(h) for h in horizons)
        raise click.BadParameter(f"{requested} is not one of the study's horizons: {listed}.", param_hint="--horizon")
    return requested


def _print(summary: Mapping[str, Any]) -> None:
    from backtest.cli.study_view import SIMULATED, print_ledger, print_lookahead

    data, horizon = summary["dataset"], summary["horizon"]
    print_text(summary["title"], bold=True)
    print_text(f"{data['title']} ({data['name']})")
    if data["synthetic"]:
        print_text(SIMULATED, bold=True)
    print_lookahead(summary["lookahead"])
    first = f", the best by {objective_words(summary['objective'])} first" if summary["looks"] else ""
    tried = searched_words(*(summary[key] for key in ("n_sets", "event_sets", "looks", "effective_looks")))
    print_text(f"{tried}; at {period(horizon)}{first}:")
    print_text()
    by_set = {one["set"]: one for one in summary["sets"]}
    rows = [(by_set[number], _at(by_set[number], horizon)) for number in summary["order"]]
    _print_looks(summary["grid"], rows[:SHOWN])
    if len(rows) > SHOWN:
        print_text(f"… and {len(rows) - SHOWN:,} more in the report")
    _print_spread([row["excess"] for _, row in rows if row["excess"] is not None])
    print_text()
    print_text(summary["verdict"], bold=True)
    print_ledger(summary)
    if "holdout" in summary:
        print_text(summary["holdout"]["text"])
    _print_survivors(summary, by_set)
    print_evidence(summary)
    for note in summary["notes"]:
        print_text(f"Note ({note['about']}): {note['text']}")
    print_text()


def _print_survivors(summary: Mapping[str, Any], by_set: Mapping[int, Mapping[str, Any]]) -> None:
    """Print the looks that survive, if there are more than the headline names."""
    alive = summary["survivors"]
    if len(alive) > 1:
        print_text()
        print_text("Looks that survive, the most remarkable first:")
        rows = [(by_set[look["set"]], _at(by_set[look["set"]], look["horizon"])) for look in alive]
        _print_looks(summary["grid"], rows[:SHOWN], horizons=True)
        if len(rows) > SHOWN:
            print_text(f"… and {len(rows) - SHOWN:,} more in the report")


def _print_looks(
    keys: Iterable[str], rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], *, horizons: bool = False
) -> None:
    """Print one row per set with its figures at one horizon; name the horizon if it differs between rows."""
    from backtest.model import measured_in

    keys = list(keys)
    of = measured_in({key for _, row in rows for key in row})
    levels = [of.mean, of.base_mean] if _base_rates_matter(keys) else []
    names = ("set", *(key.partition(".")[2] for key in keys), *(["over"] if horizons else []))
    print_table(
        (*names, "n", *([of.word, "base"] if levels else []), "excess", "hits", "p", "p adj."),
        [
            (
                str(one["set"]),
                *(parameter(one["parameters"][key]) for key in keys),
                *([str(row["horizon"])] if horizons else []),
                str(row["n"]),
                *(outcome(row[key], of.word) for key in levels),
                points(row["excess"]),
                share(row["hit_rate"]),
                probability(row["p_value"]),
                probability(row["p_adjusted"]),
            )
            for one, row in rows
        ],
        left=(),
    )


def _base_rates_matter(keys: Sequence[str]) -> bool:
    """Return whether to show mean and base rate: if the measure varies, or if one parameter leaves room."""
    return len(keys) < 2 or any(key.startswith("measure.") for key in keys)


def _print_spread(excess: list[float]) -> None:
    if excess:
        excess.sort()
        middle = excess[len(excess) // 2] if len(excess) % 2 else sum(excess[len(excess) // 2 - 1 :][:2]) / 2
        print_text(
            f"Excess over all sets: from {points(excess[0])} to {points(excess[-1])}, median {points(middle)}, "
            f"{sum(1 for value in excess if value > 0)} of {len(excess)} above zero"
        )


def _at(one: Mapping[str, Any], horizon: int | str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(row for row in one["horizons"] if row["horizon"] == horizon)
    return found
