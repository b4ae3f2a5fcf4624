"""A calibration from start to finish: counted on all cores, stored, and put into words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from backtest.calibration.judges import ADJUSTED, VERDICT
from backtest.calibration.named_worlds import FROM_HISTORY
from backtest.calibration.panel_task import PanelTask
from backtest.calibration.placebo import BATCH, KINDS, SIZES, PlaceboTask
from backtest.calibration.plan_task import PlanTask
from backtest.calibration.result import ANY, Calibration
from backtest.calibration.runner import Progress, Task, run_histories
from backtest.calibration.tally import Tally
from backtest.calibration.words import on_plan
from backtest.calibration.world_task import WorldTask
from backtest.catalog.calibrations import FOLDER, PANEL_CODE, RESULT, KeptCalibration, calibration_folder, digest_of
from backtest.errors import BacktestError
from backtest.files import write_page
from backtest.model.horizon import written
from backtest.untyped import Json
from backtest.workspace import Workspace


@dataclass(frozen=True)
class Effort:
    """How much to count, and how.

    Attributes
    ----------
    histories : int
        Number of histories, for each world or for the plan.
    jobs : int or None
        Number of processes; None means one per core. The figures do not depend on it.
    keep : Workspace or None
        Where finished chunks are stored; None stores none.
    progress : callable or None
        Called with the number of finished histories and their total.
    cluster : str or None
        The address of a Dask scheduler, whose workers count instead of processes of this machine.
    """

    histories: int
    jobs: int | None = None
    keep: Workspace | None = None
    progress: Progress | None = None
    cluster: str | None = None

    def run(self, task: Task, folder: Path | None) -> Tally:
        """Count."""
        return run_histories(
            task, self.histories, jobs=self.jobs, cluster=self.cluster, folder=folder, progress=self.progress
        )


def calibrate_world(task: WorldTask, effort: Effort, source: Sequence[object] = ()) -> Calibration:
    """Count in the histories of one world; `source` identifies the data of worlds that are made from a history."""
    world, signals = task.world, tuple(map(str, task.signals))
    inputs: Json = {
        "world": [world.name, source if world.name in FROM_HISTORY else ()],
        "signals": signals,
        "horizons": task.horizons,
        "sessions": task.sessions,
        "plant": task.plant,
    }
    tally = effort.run(task, _folder(effort.keep, inputs, task.seed))
    return Calibration(
        world.name, world.title, signals, task.horizons, tally, effort.histories, task.sessions, task.seed
    )


def calibrate_panel(task: PanelTask, effort: Effort) -> Calibration:
    """Count in the histories of one simulated panel."""
    world, signals = task.world, tuple(map(str, task.signals))
    inputs: Json = {
        "panel": world.name,
        "signals": signals,
        "horizons": task.horizons,
        "sessions": task.sessions,
        "plant": task.plant,
    }
    folder = None
    if effort.keep is not None:
        folder = effort.keep.reports / FOLDER / digest_of(inputs, PANEL_CODE) / f"seed-{task.seed}"
    tally = effort.run(task, folder)
    return Calibration(
        world.name, world.title, signals, task.horizons, tally, effort.histories, task.sessions, task.seed
    )


def calibrate_plan(task: PlanTask, effort: Effort) -> Calibration:
    """Count in histories like a strategy's own data, and store the result where a report finds it."""
    plan = task.plan
    folder = calibration_folder(plan) if effort.keep is not None else None
    tally = effort.run(task, None if folder is None else folder / f"{task.method}-seed-{task.seed}".replace(" ", "-"))
    horizons = tuple(one.label for one in task.horizons)
    name, title = plan.strategy.name, f"{plan.strategy.title} ({plan.dataset.name})"
    sessions = task.span[1] - task.span[0] + 1
    found = Calibration(name, title, ("events",), horizons, tally, effort.histories, sessions, task.seed)
    if folder is not None:
        _keep_result(folder, found, task)
    return found


def calibrate_markets(task: PlaceboTask, effort: Effort) -> Calibration:
    """Try signals without information on real series; a history of `effort` is a batch of signals."""
    inputs: Json = {
        "placebo": [task.series, task.batches],
        "dataset": task.dataset.sha256,
        "horizons": task.horizons,
    }
    tally = effort.run(task, _folder(effort.keep, inputs, task.seed))
    title = f"{len(task.series)} series of {task.dataset.title}"
    signals = effort.histories * BATCH
    sessions = len(task.dataset.prices)
    return Calibration("placebo", title, task.rows, task.horizons, tally, signals, sessions, task.seed)


def by_size(found: Calibration) -> Calibration:
    """Return a placebo by number of events, with all kinds combined."""
    groups = [[kind * len(SIZES) + size for kind in range(len(KINDS))] for size in range(len(SIZES))]
    return _regrouped(found, tuple(f"n = {n}" for n in SIZES), groups)


def by_kind(found: Calibration) -> Calibration:
    """Return a placebo by kind of signal, with all sizes combined."""
    groups = [[kind * len(SIZES) + size for size in range(len(SIZES))] for kind in range(len(KINDS))]
    return _regrouped(found, KINDS, groups)


def _regrouped(found: Calibration, rows: tuple[str, ...], groups: Sequence[Sequence[int]]) -> Calibration:
    tally = found.tally.grouped(groups)
    return Calibration(
        found.name, found.title, rows, found.horizons, tally, found.histories, found.sessions, found.seed
    )


def _folder(keep: Workspace | None, inputs: Json, seed: int) -> Path | None:
    return None if keep is None else keep.reports / FOLDER / digest_of(inputs) / f"seed-{seed}"


def _keep_result(folder: Path, found: Calibration, task: PlanTask) -> None:
    """Store what a report quotes, unless a result with more histories is already stored."""
    family = found.worst(ADJUSTED, [ANY])
    before = _histories_kept(folder)
    if family is None or before > found.histories:
        return
    by_horizon = {written(r.column): r.value for r in found.rates(VERDICT, list(map(str, found.horizons)))}
    sentence = on_plan(found, task.method, task.reason)
    kept = KeptCalibration(family.value, family.error, by_horizon, found.histories, found.seed, task.method, sentence)
    with suppress(BacktestError):  # if it cannot be stored, the report does not mention it
        write_page(folder / RESULT, json.dumps(asdict(kept), indent=2) + "\n")


def _histories_kept(folder: Path) -> int:
    try:
        return int(json.loads((folder / RESULT).read_bytes())["histories"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
