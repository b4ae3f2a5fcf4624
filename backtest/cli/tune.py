"""``backtest tune``: vary the parameters, and count every look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_path, progress_of, shown_path, with_paths, working
from backtest.cli.options import (
    HORIZON,
    cluster_option,
    json_option,
    lookahead_option,
    overrides,
    refuse_incomplete,
    report_short_keys,
    strict_option,
    study_options,
)
from backtest.cli.tune_options import (
    apply_option,
    objective_option,
    set_options,
    spa_option,
    walk_forward_options,
)
from backtest.cli.tune_sets import Asked, Chosen, check_choice, choose, space_of
from backtest.cli.tune_view import print_search
from backtest.cli.typed_dates import first_day
from backtest.errors import BacktestError
from backtest.untyped import Json

if TYPE_CHECKING:
    from pathlib import Path

    from backtest.ledger.count import Count
    from backtest.plan import Plan
    from backtest.tuning.evidence_of_search import Evidence
    from backtest.tuning.grid import Space
    from backtest.tuning.searched import Searched
    from backtest.tuning.walk_forward import Rules
    from backtest.workspace import Workspace


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
@cluster_option
@click.option("--resume", is_flag=True, help="Go on with the same search where it was interrupted.")
@walk_forward_options
@spa_option
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
    cluster: str | None,
    resume: bool,
    rules: Rules,
    spa: bool,
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
    backtest tune streak5 --grid threshold=0.002:0.02 --random 200
    backtest tune streak5 --objective t --rolling 3 --embargo 21
    backtest tune streak5 --apply streak5b
    backtest tune streak5_panel --dataset sample-panel
    """
    from backtest.plan import make_plan
    from backtest.study.looks_of_study import horizons_of_plan
    from backtest.tuning.either import refuse_unlike
    from backtest.workspace import Workspace

    check_choice(asked)
    workspace, fixed = Workspace.find(), overrides(settings, since, until)
    report_short_keys(fixed, (plan := make_plan(workspace, name, dataset, fixed)).strategy)
    refuse_unlike(plan, objective, cluster=cluster)
    space = space_of(plan.strategy, asked)
    target = _refuse_early(workspace, plan, space, objective, applied)
    column = (horizons := horizons_of_plan(plan)).index(chosen_horizon(horizons, horizon))
    searched, begins = _before(plan, holdout)
    how = _How(objective, column, rules, spa, begins, jobs, cluster, resume, allow_lookahead, as_json)
    chosen = choose(searched, space, asked, objective=objective, column=column, allow_lookahead=allow_lookahead)
    done = _recorded(workspace, plan, searched, chosen, how)
    _finish(workspace, done.summary, done.folder, as_json=as_json)
    _apply(done, target, as_json=as_json)
    if strict:
        refuse_incomplete([done.counted])


@dataclass(frozen=True)
class _How:
    """What the options ask of a search."""

    objective: str
    column: int
    rules: Rules
    spa: bool
    holdout: date | None
    jobs: int | None
    cluster: str | None
    resume: bool
    allow_lookahead: bool
    as_json: bool


class _Done(NamedTuple):
    """A search that is recorded."""

    found: Searched
    evidence: Evidence
    summary: Json
    counted: Count
    folder: Path


def _recorded(workspace: Workspace, whole: Plan, plan: Plan, chosen: Chosen, how: _How) -> _Done:
    """Search, count the looks, print the result and record it; `whole` has the sessions of a holdout, too."""
    from backtest.tuning.evidence_of_search import gather
    from backtest.tuning.looks_of_search import count_search, counted_json
    from backtest.tuning.result import record_search, tune_json
    from backtest.tuning.unfinished_search import unfinished

    with unfinished(workspace.reports, plan, chosen.sets, resume=how.resume) as kept, _told_how_to_go_on(kept):
        aside = _set_aside(workspace, whole, plan, chosen, how.holdout)  # a --resume may be refused before
        found = _searched(plan, chosen, how, kept)
        with working("Asking the bootstrap (--spa)") if how.spa else nullcontext():
            of = gather(found, how.objective, how.column, how.rules, with_bootstrap=how.spa, holdout=how.holdout)
        summary = tune_json(found, chosen.grid, how.objective, found.horizons[how.column], chosen.sampling, of) | aside
        counted = count_search(workspace, found, summary)  # before anybody sees the result
        summary |= counted_json(counted, summary)
        if not how.as_json:
            print_search(summary)
        return _Done(found, of, summary, counted, record_search(workspace, found, summary, of))


def _apply(done: _Done, target: Path | None, *, as_json: bool) -> None:
    """Write the recommended set as a new strategy, if that is asked for."""
    if target is None:
        return
    from backtest.tuning.applied import apply_set

    apply_set(done.found, done.evidence, done.folder.name, target)
    click.echo(f"Written: {shown_path(target)}", err=as_json)


def _finish(workspace: Workspace, summary: Json, folder: Path, *, as_json: bool) -> None:
    """List the search on the home page, and print its record or where its page is."""
    from backtest.catalog.runs import refresh_index
    from backtest.tuning.result import FILES

    refresh_index(workspace.reports)
    if as_json:
        print_json(with_paths({**summary, "run_id": folder.name, "files": FILES}, folder))
    else:
        print_path("Report", folder / "report.html")


def _refuse_early(workspace: Workspace, plan: Plan, space: Space, objective: str, applied: str | None) -> Path | None:
    """Refuse before the search what could not be answered after it; return where a new strategy goes."""
    if objective == "sharpe":
        from backtest.tuning.account_returns import trade_of

        trade_of(plan.strategy)
    if applied is None:
        return None
    from backtest.tuning.applied import path_for, refuse_unwritable

    target = path_for(workspace, plan.strategy.path, applied)
    refuse_unwritable(plan, space, target)
    return target


def _before(plan: Plan, holdout: datetime | None) -> tuple[Plan, date | None]:
    """Return the study on what the search may see, and the first day of the holdout."""
    if holdout is None:
        return plan, None
    from backtest.study.withheld import without

    return without(plan, holdout.date()), holdout.date()


def _set_aside(workspace: Workspace, plan: Plan, left: Plan, chosen: Chosen, begins: date | None) -> Json:
    """Enter in the ledger that the sessions of a holdout are set aside; return what the record says of it.

    The sets are checked before: what is refused sets nothing aside.
    """
    if begins is None:
        return {}
    from backtest.study.withheld import withheld_json, withhold
    from backtest.tuning.trials import ParameterSets

    ParameterSets(left).checked(chosen.sets)
    withhold(workspace, plan, begins)
    return {"holdout": withheld_json(plan, left, begins)}


def _searched(plan: Plan, chosen: Chosen, how: _How, kept: Path | None) -> Searched:
    """Search with progress."""
    from backtest.tuning.either import search_either
    from backtest.tuning.search import STEPS

    with progress_of("Trying parameter sets", rate=("sets", 1 / STEPS)) as progress:
        return search_either(
            plan,
            chosen.sets,
            progress,
            allow_lookahead=how.allow_lookahead,
            jobs=how.jobs,
            cluster=how.cluster,
            folder=kept,
        )


@contextmanager
def _told_how_to_go_on(kept: Path | None) -> Iterator[None]:
    """Say that what is done is kept, if the search is stopped, or what is asked of it cannot be answered."""
    try:
        yield
    except (KeyboardInterrupt, BacktestError) as error:
        if kept is not None and any(kept.iterdir()):
            same = "The same command" if isinstance(error, KeyboardInterrupt) else "The same sets"
            click.echo(f"What is done is kept. {same} with --resume goes on.", err=True)
        raise


def chosen_horizon(horizons: Sequence[int | str], requested: int | str | None) -> int | str:
    """Return the requested horizon, or 21 sessions, or the middle one; horizons are in order of their length."""
    if requested is None:
        from backtest.tuning.objective import default_horizon

        return default_horizon(horizons)
    if requested not in horizons:
        listed = ", ".join(str(h) for h in horizons)
        raise click.BadParameter(f"{requested} is not one of the study's horizons: {listed}.", param_hint="--horizon")
    return requested
