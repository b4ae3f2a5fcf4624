"""The commands as Python functions: run, compare, tune, audit, list events, read a recorded run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backtest.comparison.comparison import Comparison
from backtest.comparison.entries import gather
from backtest.data.store.read import load_dataset
from backtest.lookahead.audit import audit as judge
from backtest.lookahead.audited import AuditedCondition
from backtest.lookahead.cutoffs import FULL
from backtest.lookahead.sample import seed_of
from backtest.model import Dataset
from backtest.plan import Plan, load_with_settings
from backtest.record.find import find_run
from backtest.record.read import read_run
from backtest.record.recorded import RecordedRun
from backtest.spec.strategy import Strategy, with_overrides
from backtest.study.detect_events import detect_events
from backtest.study.export.listing import events_table
from backtest.study.run import run_plan
from backtest.study.study import Study
from backtest.tuning.grid import combinations, full_key_grid, grid_of_strategy
from backtest.tuning.search import Search, search
from backtest.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

StrategyLike = Strategy | str | Path
"""A strategy, its name, or the path to its file."""
DatasetLike = Dataset | str
"""A dataset, or its name."""


def plan_study(
    strategy: StrategyLike,
    dataset: DatasetLike | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    workspace: Path | None = None,
) -> Plan:
    """Make a plan: a study before it is run. It can be pickled and sent to a worker.

    Parameters
    ----------
    strategy : Strategy, str or Path
        A strategy; the name of a strategy of the workspace or a built-in one; or the path to a ``.toml`` file.
    dataset : Dataset or str, optional
        A dataset, or the name of a dataset of the workspace or a built-in one; by default, the workspace's.
    settings : mapping, optional
        Dotted keys to values that replace the strategy's, e.g. ``{"detector.sessions": 4}``.
    workspace : Path, optional
        Where names are looked up; by default the nearest workspace above the current folder.
    """
    place = Workspace.find(workspace)
    if isinstance(strategy, Strategy):
        checked = with_overrides(strategy, settings or {})
    else:
        checked = load_with_settings(place.strategy(str(strategy)), settings or {})
    data = dataset if isinstance(dataset, Dataset) else load_dataset(place.dataset(dataset or place.default_dataset()))
    keep = place if place.marked or not isinstance(strategy, Strategy) else None
    return Plan(checked, data, keep)


def run(
    strategy: StrategyLike,
    dataset: DatasetLike | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    trade: bool = True,
    save: bool = False,
    allow_lookahead: bool = False,
    workspace: Path | None = None,
) -> Study:
    """Run a strategy on a dataset.

    Parameters
    ----------
    strategy, dataset, settings, workspace
        As in `plan_study`.
    trade : bool
        Simulate the tradable version, if the strategy has one.
    save : bool
        Record the run with its report under ``reports/``, and list it there.
    allow_lookahead : bool
        Run your own detector even if it looks ahead; the study's ``lookahead`` says what was found.

    Returns
    -------
    Study
        With ``events``, ``episodes``, ``horizons``, ``forward_returns``, ``paths`` and ``trades`` as DataFrames;
        returns are fractions.

    Raises
    ------
    BacktestError
        Something was refused; the message is one line that says what to do.
    """
    study = run_plan(
        plan_study(strategy, dataset, settings=settings, workspace=workspace), allow_lookahead=allow_lookahead
    )
    if trade:
        study = study.with_trade()
    if save:
        study.save(Workspace.find(workspace))
    return study


def events(
    strategy: StrategyLike,
    dataset: DatasetLike | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    allow_lookahead: bool = False,
    workspace: Path | None = None,
) -> pd.DataFrame:
    """Return the events of a strategy, one row each: start, trigger, end, day 0, and the indicator on the trigger."""
    made = plan_study(strategy, dataset, settings=settings, workspace=workspace)
    detection = detect_events(made, allow_lookahead=allow_lookahead)
    frame: pd.DataFrame = events_table(made.dataset.prices, detection).to_pandas(date_as_object=False)
    return frame


def compare(
    *studies: Study | StrategyLike,
    dataset: DatasetLike | None = None,
    allow_lookahead: bool = False,
    workspace: Path | None = None,
) -> Comparison:
    """Put 2 to 20 studies side by side, adjusted for everything shown.

    Parameters
    ----------
    *studies : Study, Strategy, str or Path
        Studies that have been run; strategies, which are run now; or names of strategies and recorded runs.
    dataset : Dataset or str, optional
        The dataset to run strategies on; by default, the workspace's.
    allow_lookahead : bool
        Run detectors even if they look ahead.
    workspace : Path, optional
        Where names are looked up.
    """
    place = Workspace.find(workspace)
    data = dataset if isinstance(dataset, Dataset) else None
    named = [str(one) if isinstance(one, Path) else one for one in studies]
    name = dataset.name if isinstance(dataset, Dataset) else dataset or place.default_dataset()
    return Comparison(gather(place, named, name, data=data, allow_lookahead=allow_lookahead))


def tune(
    strategy: StrategyLike,
    grid: Mapping[str, Sequence[Any]] | None = None,
    dataset: DatasetLike | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    allow_lookahead: bool = False,
    workspace: Path | None = None,
) -> Search:
    """Try every combination of a grid, adjusted for the whole grid and all horizons.

    Parameters
    ----------
    strategy, dataset, settings, workspace
        As in `plan_study`.
    grid : mapping of str to sequence, optional
        Dotted keys to the values to try; a key may lack its table if only one key ends so. By default the strategy's
        own ``[tune]``.
    allow_lookahead : bool
        Search even if the detector looks ahead.

    Returns
    -------
    Search
        ``frame`` has one row per set and horizon.
    """
    made = plan_study(strategy, dataset, settings=settings, workspace=workspace)
    tried = {key: list(values) for key, values in grid.items()} if grid else None
    whole = tried or grid_of_strategy(made.strategy.tune, str(made.strategy.path))
    return search(made, combinations(full_key_grid(made.strategy, whole)), allow_lookahead=allow_lookahead)


def audit(
    strategy: StrategyLike,
    dataset: DatasetLike | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    workspace: Path | None = None,
) -> list[AuditedCondition]:
    """Look for look-ahead in every condition of a strategy; each result has ``clean`` and ``leak``."""
    made = plan_study(strategy, dataset, settings=settings, workspace=workspace)
    return judge(made.recipe, made.dataset.prices, FULL, seed_of(made))


def load_run(run: str | Path, *, workspace: Path | None = None) -> RecordedRun:
    """Read a recorded run.

    Parameters
    ----------
    run : str or Path
        A run id or its beginning, its hash, a name given to a run, a strategy (its latest run), or the folder of a
        run.
    workspace : Path, optional
        Where runs are looked up.

    Raises
    ------
    NotFound
        There is no such run.
    Ambiguous
        Several ids begin so.
    RunUnreadable
        Its record is damaged, or of a version that this version cannot read.
    """
    return RecordedRun(read_run(find_run(Workspace.find(workspace).reports, str(run))))
