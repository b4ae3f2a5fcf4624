"""The commands as Python functions: run, compare, tune, audit, list events, read a recorded run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backtest.comparison.asked import Options
from backtest.comparison.comparison import Comparison
from backtest.comparison.gather import gather
from backtest.comparison.standings import SORTS
from backtest.data.store.read import load_dataset
from backtest.errors import StudyRefused
from backtest.lookahead.audit import audit as judge
from backtest.lookahead.audited import AuditedCondition
from backtest.lookahead.cutoffs import FULL
from backtest.lookahead.sample import seed_of
from backtest.model import Asked, Dataset
from backtest.panel.panel_run import audited_on, detect_plan, run_either
from backtest.plan import Plan, load_with_settings
from backtest.record.find import find_run
from backtest.record.read import read_run
from backtest.spec.strategy import Strategy, with_overrides
from backtest.study.detect_events import detect_events
from backtest.study.export.listing import events_table
from backtest.study.recorded import RecordedRun
from backtest.study.study import Study
from backtest.tuning.asked_in_python import tune_asked
from backtest.tuning.searched import Searched
from backtest.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from backtest.verification.verified import Verification

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
) -> Any:  # noqa: ANN401  a study, or one on a panel, which has no type in common with it
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
    Study, or PanelRun where each asset of a panel is measured
        With ``events``, ``horizons``, ``forward_returns`` and further tables as DataFrames; returns are fractions.

    Raises
    ------
    BacktestError
        Something was refused; the message is one line that says what to do.
    """
    made = plan_study(strategy, dataset, settings=settings, workspace=workspace)
    done = run_either(made, allow_lookahead=allow_lookahead)
    study = done.with_trade() if trade else done
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
    """Return the events of a strategy, one row each: start, trigger, end, day 0, indicator; on a panel its asset."""
    made = plan_study(strategy, dataset, settings=settings, workspace=workspace)
    if made.of_panel:
        return detect_plan(made, allow_lookahead=allow_lookahead).frame
    found = events_table(made.dataset.prices, detect_events(made, allow_lookahead=allow_lookahead))
    frame: pd.DataFrame = found.to_pandas(date_as_object=False)
    return frame


def compare(
    *studies: Study | StrategyLike,
    dataset: DatasetLike | Sequence[DatasetLike] | None = None,
    settings: Mapping[str, Any] | None = None,
    vary: Mapping[str, Sequence[Any]] | None = None,
    horizon: Asked | None = None,
    sort: str = "p",
    allow_lookahead: bool = False,
    workspace: Path | None = None,
) -> Comparison:
    """Put 2 to 40 studies side by side, adjusted for everything shown.

    Parameters
    ----------
    *studies : Study, Strategy, str or Path
        Studies that have been run; strategies, which are run now; or names of strategies and recorded runs. A strategy
        may name its dataset: ``"streak5@us-size"``.
    dataset : Dataset, str, or sequence of them, optional
        The dataset to run strategies on, or several: each strategy is run on each; by default, the workspace's.
    settings : mapping, optional
        Dotted keys to values that replace those of every strategy.
    vary : mapping of str to sequence, optional
        Dotted keys to values: each strategy is run with their every combination.
    horizon : int or str, optional
        The horizon of the ranking, such as 21 or ``"1m"``; by default, of those that most studies have, the one nearest
        to 21 sessions.
    sort : str
        What the ranking is sorted by: ``"p"``, ``"excess"``, ``"hits"``, ``"n"``, ``"name"`` or ``"given"``.
    allow_lookahead, workspace
        As in `run`.

    Returns
    -------
    Comparison
        ``ranking`` has one row per study, ``differences`` one per pair of them, ``frame`` one per study and horizon.
    """
    if sort not in SORTS:
        raise StudyRefused(f"sort = '{sort}': must be one of {', '.join(SORTS)}.")
    place = Workspace.find(workspace)
    asked = place.default_dataset() if dataset is None else dataset
    listed = [asked] if isinstance(asked, Dataset | str) else list(asked)
    names = tuple(one if isinstance(one, str) else one.name for one in listed)
    loaded = [one for one in listed if isinstance(one, Dataset)]
    options = Options(names, vary or {}, settings or {})
    named = [str(one) if isinstance(one, Path) else one for one in studies]
    entries = gather(place, named, options, data=loaded, allow_lookahead=allow_lookahead)
    return Comparison(entries, horizon=horizon, sort=sort)


def tune(
    strategy: StrategyLike,
    grid: Mapping[str, Sequence[Any]] | None = None,
    dataset: DatasetLike | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    random: int | None = None,
    seed: int = 0,
    jobs: int | None = 1,
    save: bool = False,
    resume: bool = False,
    allow_lookahead: bool = False,
    workspace: Path | None = None,
) -> Searched:
    """Try every combination of a grid, adjusted for all sets and horizons that were tried.

    Parameters
    ----------
    strategy, dataset, settings, workspace
        As in `plan_study`.
    grid : mapping, optional
        Dotted keys to values, or texts as for ``--grid``; by default the strategy's own ``[tune]``.
    random, seed, jobs : int
        Try so many sets, drawn without replacement, or all; in so many processes, or one per core if it is worth it.
    save : bool
        Enter the looks in the ledger and record the search under ``reports/``, as the command does; else neither.
    resume : bool
        Keep what is done under ``reports/`` until the end, and go on where such a call was interrupted.
    allow_lookahead : bool
        Search even if the detector looks ahead.

    Returns
    -------
    Searched
        ``frame`` has one row per set and horizon.
    """
    made, place = plan_study(strategy, dataset, settings=settings, workspace=workspace), Workspace.find(workspace)
    how = {"allow_lookahead": allow_lookahead, "jobs": jobs}
    return tune_asked(place, made, grid, random, seed, save=save, resume=resume, **how)


def audit(
    strategy: StrategyLike,
    dataset: DatasetLike | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    workspace: Path | None = None,
) -> list[AuditedCondition]:
    """Look for look-ahead in every condition of a strategy; each result has ``clean`` and ``leak``."""
    made = plan_study(strategy, dataset, settings=settings, workspace=workspace)
    made = audited_on(made)[0] if made.of_panel else made
    return judge(made.recipe, made.dataset.prices, FULL, seed_of(made))


def verify(run: str | Path, *, workspace: Path | None = None) -> Verification:
    """Compute a recorded run again, and compare: ``identical``, ``changes``, ``largest``.

    Parameters
    ----------
    run, workspace
        As in `load_run`; the dataset and the user's own Python are looked up in the workspace.
    """
    from backtest.verification.verified import verify_run

    place = Workspace.find(workspace)
    return verify_run(place, find_run(place.reports, str(run)))


def export(
    run: str | Path,
    to: str,
    output: Path | None = None,
    *,
    table: str | None = None,
    dark: bool = False,
    workspace: Path | None = None,
) -> list[Path]:
    """Write a recorded run, search or comparison for other programs; return the files.

    Parameters
    ----------
    run, workspace
        As in `load_run`, or the id or path of a search or a comparison.
    to : str
        ``"xlsx"``, ``"csv"``, ``"latex"``, ``"md"``, ``"png"`` or ``"svg"``.
    output : Path, optional
        The file; for CSV of all tables, the folder. By default, one in the current folder.
    table : str, optional
        The only table that is wanted.
    dark : bool
        Draw a picture on dark ground.
    """
    from backtest.handout.forms import hand_out
    from backtest.handout.results import gather_handout

    handout = gather_handout(Workspace.find(workspace).reports, str(run))
    return hand_out(handout, to, output, table=table, dark=dark)


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
