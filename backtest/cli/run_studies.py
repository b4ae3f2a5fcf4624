"""Run one study and print all of it, or several and print each in brief."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backtest.cli.console import print_json, print_path, print_text, progress_of, shown_path, with_paths, working, write
from backtest.cli.options import refuse_incomplete, report_short_keys
from backtest.errors import StudyRefused, printable
from backtest.format import plural
from backtest.model.labels import Labels
from backtest.untyped import Json
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.ledger.count import Count
    from backtest.panel.panel_run import PanelRun
    from backtest.plan import Plan
    from backtest.study.study import Study


@dataclass(frozen=True)
class Wanted:
    """What ``backtest run`` was asked for, besides the names.

    Attributes
    ----------
    workspace : Workspace
        Where names are looked up, and runs recorded.
    dataset : str
        What to run on.
    changes : dict
        Overrides of the strategies.
    trade : bool
        Whether to simulate the trade.
    legs : bool
        Whether to print each leg's own table.
    events : str or None
        Whether to print what came after each event: None, or its horizon, empty for that of the verdict.
    labels : Labels
        Name, tags and note of the runs.
    output : Path or None
        Where to record in place of the workspace's reports.
    allow_lookahead : bool
        Whether a detector that looks ahead may run.
    quiet : bool
        Whether to print only the path of the report, and the finding on stderr.
    as_json : bool
        Whether to print one JSON object.
    strict : bool
        Whether an incomplete count of looks is refused, once the run is recorded.
    holdout : datetime or None
        The first day of the sessions that were withheld and are opened now.
    workers, cluster : int or None, str or None
        Processes, or the address of a Dask scheduler, that read a panel block by block.
    """

    workspace: Workspace
    dataset: str
    changes: Json
    trade: bool
    legs: bool
    events: str | None
    labels: Labels
    output: Path | None
    allow_lookahead: bool
    quiet: bool
    as_json: bool
    strict: bool = False
    holdout: datetime | None = None
    workers: int | None = None
    cluster: str | None = None


def run_one(wanted: Wanted, name: str) -> None:
    """Run one study; the table is printed before the trade is simulated."""
    from backtest.cli.study_view import print_trade
    from backtest.plan import make_plan

    plan = make_plan(wanted.workspace, name, wanted.dataset, wanted.changes)
    study = _study(wanted, plan)
    counted = study.count(wanted.workspace)  # before anybody sees the result
    shown = not (wanted.quiet or wanted.as_json)
    if shown:
        _print_study(study, counted, wanted)
    if wanted.trade and plan.strategy.trade is not None:
        with working("Simulating the trade…"):
            study = study.with_trade()
        if shown:
            print_trade(study.summary)
    folder = _record(wanted, study, counted, listed=True)
    if wanted.as_json:
        print_json(_summary(study, folder))
    elif wanted.quiet:
        _print_quietly(study, folder)
    else:
        _print_id(wanted, folder)
        print_path("Report", folder / "report.html")
    if wanted.strict:
        refuse_incomplete([counted])


def _print_study(study: Study | PanelRun, counted: Count, wanted: Wanted) -> None:
    from backtest.study.export.summary import with_ledger
    from backtest.study.study import Study

    summary = with_ledger(study.summary, counted)
    if isinstance(study, Study):
        from backtest.cli.study_view import print_study

        print_study(summary, partial(_print_details, study, wanted))
    else:
        from backtest.cli.panel_study_view import print_panel_study

        print_panel_study(summary)


def run_several(wanted: Wanted, names: Sequence[str], given: Sequence[str]) -> None:
    """Run several studies, some of them named by `given` and not by a selector; one refused does not stop the others.

    Raises
    ------
    BacktestError
        A name, or the dataset, cannot be used: nothing has been run. Or some studies were refused: the others are
        recorded.
    """
    from backtest.catalog.runs import refresh_index
    from backtest.cli.several import Several
    from backtest.data.store.read import load_dataset
    from backtest.plan import plan_on

    for name in names:
        wanted.workspace.strategy(name)
    data = load_dataset(wanted.workspace.dataset(wanted.dataset))
    several = Several(names, given)
    done: list[Json] = []
    counts: list[Count] = []
    try:
        for at, name in enumerate(names, start=1):
            with several.attempt(name):
                with working(f"{printable(name)} ({at} of {len(names)})…"):
                    study = _study(wanted, plan_on(data, wanted.workspace, name, wanted.changes))
                    counts.append(study.count(wanted.workspace))
                    study = study.with_trade() if wanted.trade else study
                    folder = _record(wanted, study, counts[-1], listed=False)
                done.append(_summary(study, folder) if wanted.as_json else {})
                _print_of_several(wanted, study, counts[-1], folder)
    finally:
        if wanted.output is None:
            refresh_index(wanted.workspace.reports)
    if wanted.as_json:
        print_json(several.to_json("runs", done))
    elif done and not wanted.quiet:
        _print_sum(wanted, len(done))
    several.print_skipped(data.name, quietly=wanted.as_json or wanted.quiet)
    several.raise_if_failed()
    if wanted.strict:
        refuse_incomplete(counts)


def _study(wanted: Wanted, plan: Plan) -> Study | PanelRun:
    report_short_keys(wanted.changes, plan.strategy)
    if wanted.holdout:
        from backtest.study.withheld import refuse_unless_withheld

        refuse_unless_withheld(plan, wanted.holdout.date())
    if plan.of_panel:
        return _panel_study(wanted, plan)
    if wanted.workers is not None or wanted.cluster is not None:
        raise StudyRefused(
            f"{plan.strategy.place} on {plan.dataset.name}: --workers and --cluster are for panels, not for series.",
            "Leave it out, or name a dataset with a panel: 'backtest data list' says which have.",
        )
    from backtest.study.run import run_plan

    if wanted.events:
        from backtest.cli.outcomes_view import refuse_other_horizons

        refuse_other_horizons(wanted.events, [plan])
    return run_plan(plan, allow_lookahead=wanted.allow_lookahead)


def _panel_study(wanted: Wanted, plan: Plan) -> PanelRun:
    from backtest.panel.panel_run import run_panel

    options = {"--legs": wanted.legs, "--events": wanted.events is not None}
    given = next((option for option, asked in options.items() if asked), None)
    if given is not None:
        raise StudyRefused(
            f"{plan.strategy.place} on {plan.dataset.name}: {given} is for studies of single series, not for a panel.",
            "The report and its tables hold every leg and every event.",
        )
    if wanted.workers is None and wanted.cluster is None:
        with working("Studying every asset…"):
            return run_panel(plan, allow_lookahead=wanted.allow_lookahead)
    with progress_of("Scanning every asset") as progress:
        return run_panel(
            plan,
            allow_lookahead=wanted.allow_lookahead,
            workers=wanted.workers,
            cluster=wanted.cluster,
            progress=progress,
        )


def _record(wanted: Wanted, study: Study | PanelRun, counted: Count, *, listed: bool) -> Path:
    labels = wanted.labels
    return study.save(
        wanted.workspace,
        name=labels.name,
        tags=labels.tags,
        note=labels.note,
        output=wanted.output,
        listed=listed,
        counted=counted,
    )


def _summary(study: Study | PanelRun, folder: Path) -> Json:
    from backtest.record.read import read_summary
    from backtest.study.study import Study

    summary = with_paths(read_summary(folder), folder)
    if not isinstance(study, Study):
        return summary
    from backtest.study.export.leg_tables import with_outcomes

    return with_outcomes(summary, study)


def _print_details(study: Study | PanelRun, wanted: Wanted) -> None:
    """Print the tables that are asked for beside the table of horizons."""
    if wanted.legs or wanted.events is not None:
        from backtest.cli.outcomes_view import print_events, print_legs
        from backtest.study.export.leg_tables import with_outcomes
        from backtest.study.study import Study

        if not isinstance(study, Study):  # refused before it was run
            return
        if wanted.legs:
            print_legs(study.summary)
        if wanted.events is not None:
            print_events(with_outcomes(study.summary, study), wanted.events)


def _finding(study: Study | PanelRun) -> str:
    """Return the finding in brief, with what must never be parted from it."""
    from backtest.model.home import facts_of

    facts = facts_of(study.summary)
    marks = [word for word, given in (("SIMULATED", facts.synthetic), ("LOOKS AHEAD", facts.lookahead)) if given]
    marks += [f"DAY 0 IS THE {facts.late_day0.upper()}"] if facts.late_day0 else []
    said = f"{plural(facts.n_events, 'event')}, {facts.finding}"
    return f"{said} ({', '.join(marks)})" if marks else said


def _print_quietly(study: Study | PanelRun, folder: Path) -> None:
    click.echo(f"{study.plan.strategy.name}: {_finding(study)}", err=True)
    write(printable(shown_path(folder / "report.html")))


def _print_id(wanted: Wanted, folder: Path) -> None:
    """Print what names the run from now on; a run recorded elsewhere is named by its folder."""
    from backtest.record.find import short_id

    if wanted.output is None:
        name = f", {wanted.labels.name}" if wanted.labels.name else ""
        print_text(f"Run: {short_id(wanted.workspace.reports, folder)}{name}")


def _print_of_several(wanted: Wanted, study: Study | PanelRun, counted: Count, folder: Path) -> None:
    from backtest.cli.study_view import print_lookahead

    if wanted.as_json:
        return
    if wanted.quiet:
        _print_quietly(study, folder)
        return
    print_text(f"{study.plan.strategy.name}: {study.plan.strategy.title}", bold=True)
    print_lookahead(study.summary["lookahead"])
    print_text(_finding(study))
    print_text(counted.sentence)
    _print_details(study, wanted)
    _print_id(wanted, folder)
    print_path("Report", folder / "report.html")
    print_text()


def _print_sum(wanted: Wanted, recorded: int) -> None:
    studies = "1 study" if recorded == 1 else f"{recorded:,} studies"
    print_text(f"{studies} recorded on {wanted.dataset}.", bold=True)
    if wanted.output is None:
        print_path("All runs", wanted.workspace.reports / "index.html")
