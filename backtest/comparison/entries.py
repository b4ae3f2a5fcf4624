"""The studies to compare: strategies that are run now, and recorded runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backtest.catalog.provenance import change_since
from backtest.data.store.read import load_dataset
from backtest.errors import NotFound, StudyRefused, did_you_mean
from backtest.inference.multiple import family_p_values, holm
from backtest.model import Dataset, Floats
from backtest.model.by_asset import asset_runs
from backtest.plan import Plan, plan_on
from backtest.record.find import find_run, run_folders
from backtest.record.read import read_summary
from backtest.spec.strategy import Strategy
from backtest.study.run import run_plan
from backtest.study.study import Study
from backtest.untyped import Json
from backtest.workspace import Workspace

FEWEST, MOST = 2, 20


@dataclass(frozen=True, eq=False)
class Entry:
    """One study of a comparison; for a study of several assets, one of them.

    Attributes
    ----------
    run : dict
        The content of its ``run.json``, in the form of a study of one asset.
    study : Study or None
        The study itself, if it was run now.
    asset : str or None
        The asset, if the study has several.
    change : str or None
        How its data have changed since the run was recorded, if they have.
    """

    run: Json
    study: Study | None
    change: str | None = None
    asset: str | None = None

    @property
    def shifts(self) -> list[Floats]:
        """The statistic of its asset under every shift, by horizon; empty if it was read from its record."""
        assets = self.study.assets if self.study else ()
        own = next((one for one in assets if self.asset in (None, one.name)), None)
        return [test.shifts for test in own.null_tests] if own else []

    def label(self, called: str = "") -> str:
        """Return the strategy, or the name it was given by, and the asset if there are several."""
        return " ".join(filter(None, (called or self.run["strategy"], self.asset)))


def gather(
    workspace: Workspace,
    studies: Sequence[str | Strategy | Study],
    dataset: str,
    *,
    data: Dataset | None = None,
    allow_lookahead: bool = False,
) -> list[Entry]:
    """Run the strategies among `studies` on a dataset, and read the recorded runs among them.

    Parameters
    ----------
    workspace : Workspace
        Where names are looked up.
    studies : sequence of str, Strategy or Study
        Names of strategies, run ids or folders of runs; strategies; studies that have been run.
    dataset : str
        The dataset to run strategies on.
    data : Dataset, optional
        The same dataset, already loaded.
    allow_lookahead : bool
        Run strategies even if their own Python looks ahead; their summaries say so.

    Raises
    ------
    LooksAhead
        A strategy looks ahead, and that is not allowed.
    StudyRefused
        There are fewer than 2 or more than 20, or one is named twice.
    NotFound
        A name is neither a strategy nor a run.
    """
    if not FEWEST <= len(studies) <= MOST:
        raise StudyRefused(
            f"{len(studies)} named; {FEWEST} to {MOST} studies can be compared.", "Name strategies or runs."
        )
    names = [one for one in studies if isinstance(one, str)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise StudyRefused(
            f"'{twice}' is named twice.", "Name each study once; to compare settings, name recorded runs."
        )
    known = workspace.strategies()
    found: list[tuple[str, list[Entry]]] = []
    for one in studies:
        name = one if isinstance(one, str) else ""
        if isinstance(one, str) and one not in known and not one.endswith(".toml"):
            run = read_summary(_run(workspace, one, list(known)))
            found.append((name, _recorded(run, change_since(workspace, run))))
            continue
        if not isinstance(one, Study):
            data = data or load_dataset(workspace.dataset(dataset))
            plan = Plan(one, data, workspace) if isinstance(one, Strategy) else plan_on(data, workspace, one)
            one = run_plan(plan, allow_lookahead=allow_lookahead)
        found.append((name, _run_now(one)))
    entries = [entry for _, of in found for entry in of]
    if len(entries) > MOST:
        raise StudyRefused(
            f"{len(studies)} studies named, with {len(entries)} assets; at most {MOST} can be compared.",
            "Name fewer studies, or fewer of their assets.",
        )
    _refuse_the_same([(name, entry) for name, of in found for entry in of])
    return entries


def _run_now(study: Study) -> list[Entry]:
    """Return an entry for each asset of a study."""
    rows = zip(asset_runs(study.summary), study.assets, strict=True)
    return [Entry(run, study, None, one.name if len(study.assets) > 1 else None) for run, one in rows]


def _recorded(run: Json, change: str | None) -> list[Entry]:
    runs = asset_runs(run)
    several = len(runs) > 1
    return [Entry(one, None, change, one["parameters"]["measure.asset"] if several else None) for one in runs]


def _refuse_the_same(entries: Sequence[tuple[str, Entry]]) -> None:
    """Refuse the same study under two names: it would count twice among the looks."""
    seen: dict[str, str] = {}
    for called, entry in entries:
        run, name = entry.run, entry.label(called)
        study = json.dumps([run["strategy"], run["parameters"], run["dataset"]["sha256"]], sort_keys=True)
        if study in seen:
            raise StudyRefused(f"'{seen[study]}' and '{name}' are the same study on the same data.", "Name it once.")
        seen[study] = name


def joint_p_values(entries: Sequence[Entry]) -> tuple[list[list[float | None]], str]:
    """Adjust p for all studies and horizons shown.

    Returns
    -------
    list of list of float or None
        Per study, in the order of its horizons.
    str
        The method: the joint null of the shifts if every study was run now; Holm's step-down, which needs only the
        recorded p-values, if one was read from its record.
    """
    horizons = [entry.run["horizons"] for entry in entries]
    own = [[_number(row["p_value"]) for row in rows] for rows in horizons]
    flat = [p for row in own for p in row]
    if all(entry.study is not None for entry in entries):
        cells = [cell for entry in entries for cell in entry.shifts]
        held = [_held(entry.run) for entry in entries for _ in entry.shifts]
        adjusted = family_p_values(cells, flat, held)
        how = "by the maximum over the same shifts"
    else:
        adjusted = holm(flat)
        how = "by Holm's step-down, because a recorded run keeps p-values, not shifts"
    found = iter(adjusted)
    return [[_given(next(found)) for _ in row] for row in own], how


def _held(run: Json) -> tuple[str, ...]:
    """Return the series that a study holds, and their origin: together they determine its circles."""
    return (run["dataset"]["sha256"], *(leg["name"] for leg in run["legs"].values()))


def _run(workspace: Workspace, name: str, strategies: list[str]) -> Path:
    try:
        return find_run(workspace.reports, name)
    except NotFound as error:
        runs = [folder.name for folder in run_folders(workspace.reports)]
        raise NotFound(
            f"'{name}' is neither a strategy nor a recorded run.", did_you_mean(name, [*strategies, *runs])
        ) from error


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _given(value: float) -> float | None:
    return value if value == value else None
