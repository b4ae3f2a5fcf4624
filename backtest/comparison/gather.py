"""Run and read the studies to compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from backtest.comparison.asked import FEWEST, MOST, Options, Wanted, wanted
from backtest.comparison.entries import Entry
from backtest.comparison.outline import empty_entries, entries_of
from backtest.comparison.panel_entries import empty_panel_entry, panel_entry
from backtest.comparison.recorded_entries import recorded_entries
from backtest.comparison.sources import Sources
from backtest.errors import LacksSeries, NoEvents, OtherKind, StudyRefused
from backtest.model import Dataset
from backtest.model.record import is_panel
from backtest.panel.panel_run import PanelRun
from backtest.panel.panel_study import run_on_panel
from backtest.plan import Plan, plan_on
from backtest.spec.strategy import Strategy, with_overrides
from backtest.study.run import run_plan
from backtest.study.study import Study
from backtest.untyped import Json
from backtest.workspace import Workspace

Skip = Callable[[str, LacksSeries], bool]


def gather(
    workspace: Workspace,
    studies: Sequence[str | Strategy | Study | PanelRun],
    options: Options,
    *,
    data: Sequence[Dataset] = (),
    allow_lookahead: bool = False,
    skip: Skip | None = None,
) -> list[Entry]:
    """Run the strategies among `studies`, and read the recorded runs among them.

    What a record does not keep is made again, where its data have not changed.

    Parameters
    ----------
    workspace : Workspace
        Where names are looked up.
    studies : sequence of str, Strategy, Study or PanelRun
        Names of strategies, also as ``NAME@DATASET``; run ids or folders of runs; strategies; studies.
    options : Options
        The datasets to run strategies on, and with which settings.
    data : sequence of Dataset
        Datasets that are loaded already.
    allow_lookahead : bool
        Run strategies even if their own Python looks ahead; their summaries say so.
    skip : callable, optional
        Asked about each strategy that reads a series that its dataset lacks, or measures single series beside others on
        a panel, with its name and the refusal: whether to leave it out. By default, none is.

    Raises
    ------
    LooksAhead
        A strategy looks ahead, and that is not allowed.
    StudyRefused
        There are fewer than 2 or more than 40; two are the same study on the same data; or some are of single series,
        others on panels.
    NotFound
        A name is neither a strategy nor a run.
    NoEvents
        No study has an event.
    """
    sources = Sources(workspace, data)
    found: list[tuple[str, Entry]] = []
    refused: list[NoEvents] = []
    for one in wanted(workspace, studies, options):
        if isinstance(one.what, str) and one.dataset is None:
            found += [(one.name, entry) for entry in recorded_entries(workspace, one.what, sources)]
            continue
        try:
            entries = _run_now(workspace, one, options, sources, allow_lookahead)
        except LacksSeries as error:
            if skip is not None and skip(one.name, error):
                continue
            raise
        except NoEvents as error:
            refused.append(error)
            entries = _empty(_plan(workspace, one, options, sources), error, one.variant, sources, allow_lookahead)
        found += [(one.name, entry) for entry in entries]
    found = _of_one_kind(found, skip)
    if refused and not any(entry.run["n_events"] for _, entry in found):
        raise refused[0]
    _refuse_too_few_or_many(found, len(studies))
    _refuse_the_same(found)
    return [entry for _, entry in found]


def _refuse_too_few_or_many(found: Sequence[tuple[str, Entry]], named: int) -> None:
    if len(found) < FEWEST:
        only = f"only '{found[0][0]}'" if found else "none of the strategies"
        raise StudyRefused(f"{only} can run on this dataset; a comparison takes two.", "Name another with --dataset.")
    if len(found) > MOST:
        raise StudyRefused(
            f"{named} studies named, with {len(found)} assets; at most {MOST} can be compared.",
            "Name fewer studies, or fewer of their assets.",
        )


def _run_now(workspace: Workspace, one: Wanted, options: Options, sources: Sources, allow: bool) -> list[Entry]:
    """Return an entry for each asset of a study; one for a study on a panel."""
    if isinstance(one.what, Study):
        return entries_of(one.what, one.variant)
    if isinstance(one.what, PanelRun):
        return [panel_entry(one.what, one.variant)]
    plan = _plan(workspace, one, options, sources)
    if plan.of_panel:
        study = run_on_panel(plan, sources.panel(plan.dataset), allow_lookahead=allow)
        return [panel_entry(PanelRun(study), one.variant)]
    return entries_of(run_plan(plan, allow_lookahead=allow), one.variant)


def _empty(plan: Plan, error: NoEvents, variant: Json, sources: Sources, allow: bool) -> list[Entry]:
    if plan.of_panel:
        return [empty_panel_entry(plan, sources.panel(plan.dataset), error, variant, allow=allow)]
    return empty_entries(plan, error, variant, allow_lookahead=allow)


def _plan(workspace: Workspace, one: Wanted, options: Options, sources: Sources) -> Plan:
    data = sources.dataset(one.dataset or options.datasets[0])
    if isinstance(one.what, Strategy):
        return Plan(with_overrides(one.what, one.settings), data, workspace)
    return plan_on(data, workspace, str(one.what), one.settings)


def _of_one_kind(entries: Sequence[tuple[str, Entry]], skip: Skip | None) -> list[tuple[str, Entry]]:
    """Leave out studies of single series beside others on panels where `skip` allows it, and refuse the rest.

    Their events, base rates and shifts are of two kinds, so that no adjusted p could count both.
    """
    on_panel = next((entry for _, entry in entries if is_panel(entry.run)), None)
    if on_panel is None:
        return list(entries)
    kept = []
    for called, entry in entries:
        if not is_panel(entry.run):
            error = OtherKind(
                f"{_told(on_panel)} measures each asset of a panel, {_told(entry)} single series: no p counts both.",
                "Compare studies of one kind; 'backtest run' gives each by itself.",
                "single series",
            )
            if skip is None or not skip(called, error):
                raise error
            continue
        kept.append((called, entry))
    return kept


def _told(entry: Entry) -> str:
    return f"'{entry.label(entry.named)}' on {entry.run['dataset']['name']}"


def _refuse_the_same(entries: Sequence[tuple[str, Entry]]) -> None:
    """Refuse the same study under two names: it would count twice among the looks."""
    seen: dict[str, str] = {}
    for called, entry in entries:
        run, name = entry.run, entry.label(called)
        study = json.dumps([run["strategy"], run["parameters"], run["dataset"]["sha256"]], sort_keys=True)
        if study in seen:
            same = "it is named twice" if seen[study] == name else f"'{seen[study]}' and '{name}' are the same study"
            raise StudyRefused(f"'{name}': {same}, on the same data.", "Name it once, or set apart what is to differ.")
        seen[study] = name
