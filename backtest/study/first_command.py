"""The first command to try on a newly imported dataset: one that is known to end with a report."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from backtest.errors import BacktestError
from backtest.model import Dataset, Prices
from backtest.plan import plan_on
from backtest.report.pages.run.command import literal
from backtest.study.run import run_plan
from backtest.workspace import Workspace

HEADLINE, PLAIN = "streak5", "three_up"
"""The strategy of the documentation, which needs roles, and a strategy that names no series."""
DEFAULTS = {"detector.series": "small_index", "measure.asset": "small", "measure.benchmark": "mega"}
"""The roles that strategies use by default."""
SHORTER = (None, 2, 1)
"""Lengths of the pattern to try, the strategy's own first: short data may contain only shorter ones."""
MOST_ASSETS = 5
"""The number of series to try in a panel: if none of these works, more would not help."""

Settings = dict[str, str | int]


def first_command(dataset: Dataset, workspace: Workspace) -> str | None:
    """Return a command for a POSIX shell that finds events on a dataset and measures what came next.

    It has been tried: the study runs, and at least one event has a complete window.

    Parameters
    ----------
    dataset : Dataset
        What to run on.
    workspace : Workspace
        Where strategies are looked up.

    Returns
    -------
    str or None
        None if nothing that was tried works.
    """
    for strategy, settings in _candidates(dataset.prices):
        if _works(dataset, workspace, strategy, settings):
            sets = [part for key, value in settings.items() for part in ("--set", f"{key}={_typed(value)}")]
            return shlex.join(["backtest", "run", strategy, "--dataset", dataset.name, *sets])
    return None


def _candidates(prices: Prices) -> Iterator[tuple[str, Settings]]:
    if all(prices.knows(role) for role in DEFAULTS.values()):
        yield HEADLINE, {}
    for series in _series(prices):
        for sessions in SHORTER:
            yield PLAIN, {**series, **({} if sessions is None else {"detector.sessions": sessions})}


def _series(prices: Prices) -> Iterator[Settings]:
    """Name series for roles that the dataset lacks: an asset and a benchmark on the same basis, then an asset alone."""
    levels = [name for name, info in prices.series.items() if info.basis is not None]
    if len(levels) < 2:  # the only level is used for everything that a strategy leaves open
        yield {}
        return
    missing = [key for key, role in DEFAULTS.items() if not prices.knows(role)]
    for asset in levels[:MOST_ASSETS]:
        alike = [name for name in levels if name != asset and prices.info(name).basis == prices.info(asset).basis]
        named: Settings = {"detector.series": asset, "measure.asset": asset}
        for benchmark in (*alike[:1], ""):
            yield {key: {**named, "measure.benchmark": benchmark}[key] for key in missing}


def _works(dataset: Dataset, workspace: Workspace, strategy: str, settings: Settings) -> bool:
    try:
        study = run_plan(plan_on(dataset, workspace, strategy, settings))
    except BacktestError:  # whatever the reason, the command must not be shown
        return False
    return any(result.n for asset in study.assets for result in asset.results)


def _typed(value: str | int) -> str:
    return "none" if value == "" else literal(value)
