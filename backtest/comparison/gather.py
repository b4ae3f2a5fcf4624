"""Run and read the studies to compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from backtest.catalog.provenance import change_since
from backtest.comparison.again import OTHER_NUMBERS, made_again, why_not
from backtest.comparison.asked import FEWEST, MOST, Options, Wanted, wanted
from backtest.comparison.entries import Entry, Found
from backtest.comparison.outline import empty_entries, entries_of
from backtest.data.store.read import load_dataset
from backtest.errors import BacktestError, LacksSeries, NoEvents, NotFound, RunUnreadable, StudyRefused, closest
from backtest.model import Dataset
from backtest.model.by_asset import asset_runs
from backtest.model.record import is_panel
from backtest.plan import Plan, plan_on
from backtest.record.find import find_run, named_runs, run_folders
from backtest.record.read import read_summary
from backtest.record.sidecar import read_labels
from backtest.spec.strategy import Strategy, with_overrides
from backtest.study.run import run_plan
from backtest.study.study import Study
from backtest.workspace import Workspace

Load = Callable[[str], Dataset]
Skip = Callable[[str, LacksSeries], bool]


def gather(
    workspace: Workspace,
    studies: Sequence[str | Strategy | Study],
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
    studies : sequence of str, Strategy or Study
        Names of strategies, also as ``NAME@DATASET``; run ids or folders of runs; strategies; studies.
    options : Options
        The datasets to run strategies on, and with which settings.
    data : sequence of Dataset
        Datasets that are loaded already.
    allow_lookahead : bool
        Run strategies even if their own Python looks ahead; their summaries say so.
    skip : callable, optional
        Asked about each strategy that reads a series that its dataset lacks, with its name and the refusal: whether to
        leave it out. By default, none is.

    Raises
    ------
    LooksAhead
        A strategy looks ahead, and that is not allowed.
    StudyRefused
        There are fewer than 2 or more than 40, or two are the same study on the same data.
    NotFound
        A name is neither a strategy nor a run.
    NoEvents
        No study has an event.
    """
    loaded = _by_name(data)

    def load(name: str) -> Dataset:
        return loaded[name] if name in loaded else loaded.setdefault(name, load_dataset(workspace.dataset(name)))

    found: list[tuple[str, Entry]] = []
    refused: list[NoEvents] = []
    for one in wanted(workspace, studies, options):
        if isinstance(one.what, str) and one.dataset is None:
            found += [(one.name, entry) for entry in _recorded(workspace, one.what, load)]
            continue
        try:
            entries = _run_now(workspace, one, options, load, allow_lookahead)
        except LacksSeries as error:
            if skip is not None and skip(one.name, error):
                continue
            raise
        except NoEvents as error:
            refused.append(error)
            entries = empty_entries(
                _plan(workspace, one, options, load), error, one.variant, allow_lookahead=allow_lookahead
            )
        found += [(one.name, entry) for entry in entries]
    if refused and not any(entry.run["n_events"] for _, entry in found):
        raise refused[0]
    _refuse_too_few_or_many(found, len(studies))
    _refuse_the_same(found)
    return [entry for _, entry in found]


def _by_name(data: Sequence[Dataset]) -> dict[str, Dataset]:
    loaded = {one.name: one for one in data}
    if len(loaded) < len(data):
        raise StudyRefused(
            "two datasets have the same name.", "Give each its own, as in Dataset.from_frame(…, name=…)."
        )
    return loaded


def _refuse_too_few_or_many(found: Sequence[tuple[str, Entry]], named: int) -> None:
    if len(found) < FEWEST:
        only = f"only '{found[0][0]}'" if found else "none of the strategies"
        raise StudyRefused(f"{only} can run on this dataset; a comparison takes two.", "Name another with --dataset.")
    if len(found) > MOST:
        raise StudyRefused(
            f"{named} studies named, with {len(found)} assets; at most {MOST} can be compared.",
            "Name fewer studies, or fewer of their assets.",
        )


def _run_now(workspace: Workspace, one: Wanted, options: Options, load: Load, allow: bool) -> list[Entry]:
    """Return an entry for each asset of a study."""
    made = one.what if isinstance(one.what, Study) else None
    study = made or run_plan(_plan(workspace, one, options, load), allow_lookahead=allow)
    return entries_of(study, one.variant)


def _plan(workspace: Workspace, one: Wanted, options: Options, load: Load) -> Plan:
    data = load(one.dataset or options.datasets[0])
    if isinstance(one.what, Strategy):
        return Plan(with_overrides(one.what, one.settings), data, workspace)
    return plan_on(data, workspace, str(one.what), one.settings)


def _recorded(workspace: Workspace, name: str, load: Load) -> list[Entry]:
    """Return an entry for each asset of a recorded run."""
    folder = _folder(workspace, name)
    run, named = read_summary(folder), _name_of(folder)
    if is_panel(run):
        raise StudyRefused(
            f"run '{name}' is of {run['strategy']} on the panel {run['dataset']['name']}; a comparison takes "
            "studies of single series only.",
            f"'backtest show {name}' and 'backtest export {name} --to md' give its table.",
        )
    change, again = change_since(workspace, run), tuple[Found, ...]()
    lacking = f"run {run['run_id']} cannot be made again: its data have changed, or are no longer here"
    if change is None:
        try:
            again = made_again(workspace, run, load(str(run["dataset"]["name"])))
            lacking = f"run {run['run_id']} was made again, and {OTHER_NUMBERS}"
        except BacktestError as error:
            lacking = f"run {run['run_id']} cannot be made again: {why_not(error)}"
    runs = asset_runs(run)
    names = [one["parameters"]["measure.asset"] if len(runs) > 1 else None for one in runs]
    kept: tuple[Found | None, ...] = again or (None,) * len(runs)
    return [
        Entry(one, None, change, asset, found, lacking, named=named)
        for one, asset, found in zip(runs, names, kept, strict=True)
    ]


def _name_of(folder: Path) -> str:
    """Return the name that was given to a run; damaged labels give none."""
    try:
        return read_labels(folder).name or ""
    except RunUnreadable:
        return ""


def _folder(workspace: Workspace, name: str) -> Path:
    try:
        return find_run(workspace.reports, name)
    except NotFound as error:
        runs = (folder.name for folder in run_folders(workspace.reports))
        near = closest(name, [*workspace.strategies(), *named_runs(workspace.reports), *runs])
        hint = near or "'backtest list' shows strategies and runs."
        raise NotFound(f"'{name}' is neither a strategy nor a recorded run.", hint) from error


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
