"""The worlds and signals that the user selects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from backtest.calibration.history_worlds import RealReturns, real_returns
from backtest.calibration.named_worlds import FROM_HISTORY, SIMULATED, WORLDS, history_world
from backtest.calibration.signals import BLIND, BLIND_SIGNALS, KINDS, SIGNALS, SIZES, TRIED, Signal
from backtest.calibration.world_task import WorldTask
from backtest.calibration.worlds import World
from backtest.errors import BacktestError, NotFound, StudyRefused, did_you_mean
from backtest.measure.legs import legs_of
from backtest.model import Asked, Dataset, horizons_of
from backtest.spec.measure import MeasureTable

HORIZONS = (1, 5, 10, 21, 63, 126, 252)
SESSIONS = 6480


def chosen_worlds(names: Sequence[str], dataset: Dataset, since: dt.date | None, until: dt.date | None) -> list[World]:
    """Return worlds by name; all of them if no name is given.

    Parameters
    ----------
    names : sequence of str
        Of `WORLDS`.
    dataset : Dataset
        The source of worlds that are made from a history: the legs that a strategy has by default.
    since, until : datetime.date or None
        Its first and last day.

    Raises
    ------
    NotFound
        There is no such world, or the dataset has no such legs.
    StudyRefused
        The legs have almost no common sessions.
    """
    simulated = {world.name: world for world in SIMULATED}
    chosen = list(dict.fromkeys(names or WORLDS))
    for name in chosen:
        if name not in WORLDS:
            raise NotFound(f"world '{name}' is unknown.", did_you_mean(name, WORLDS))
    real = _real(dataset, since, until) if any(name in FROM_HISTORY for name in chosen) else None
    return [
        simulated[name] if real is None or name in simulated else history_world(name, real, dataset.title)
        for name in chosen
    ]


def _real(dataset: Dataset, since: dt.date | None, until: dt.date | None) -> RealReturns:
    sessions = dataset.prices.sessions
    first = 0 if since is None else int(np.searchsorted(sessions, np.datetime64(since, "D")))
    end = len(sessions) if until is None else int(np.searchsorted(sessions, np.datetime64(until, "D"), side="right"))
    try:
        return real_returns(legs_of(dataset.prices, MeasureTable())[0], first, end - 1)
    except BacktestError as error:
        error.hint = f"{error.hint} All other worlds need no data: name them with --world.".strip()
        raise error.at(f"blockwild and realwild of {dataset.name}") from error


def chosen_signals(world: World, kinds: Sequence[str], sizes: Sequence[int]) -> tuple[Signal, ...]:
    """Return the signals of a world: every kind in every requested size, or the default signals.

    Raises
    ------
    NotFound
        There is no such kind.
    StudyRefused
        In this world events change the returns, and all requested kinds look at prices.
    """
    fitting = fitting_kinds(world.name, kinds, KINDS, BLIND if world.induced else None)
    if not kinds and not sizes:
        return BLIND_SIGNALS if world.induced else SIGNALS
    tried = fitting if kinds else [kind for kind in fitting if kind in TRIED]
    return tuple(Signal(kind, n) for kind in tried for n in dict.fromkeys(sizes or SIZES))


def fitting_kinds(
    world: str, kinds: Sequence[str], known: Sequence[str], allowed: Sequence[str] | None, among: str = ""
) -> list[str]:
    """Return the kinds of signal that were requested, by default all, without those that a world does not allow.

    Parameters
    ----------
    world : str
        Its name, for refusals.
    kinds : sequence of str
        As requested.
    known : sequence of str
        All there are.
    allowed : sequence of str or None
        Those that do not look at prices, for a world in which events change the returns.
    among : str
        What the known ones are for, as a refusal says it.

    Raises
    ------
    NotFound
        There is no such kind.
    StudyRefused
        None of them is allowed.
    """
    for kind in kinds:
        if kind not in known:
            raise NotFound(f"signal '{kind}' is unknown{among}.", did_you_mean(kind, known))
    fitting = [kind for kind in dict.fromkeys(kinds or known) if allowed is None or kind in allowed]
    if not fitting and allowed is not None:
        raise StudyRefused(
            f"world '{world}': events change what follows, and a signal that looks at prices would see it.",
            f"Ask for --signal {' or --signal '.join(allowed)}.",
        )
    return fitting


def world_task(
    world: World,
    signals: tuple[Signal, ...],
    horizons: Sequence[Asked] = (),
    sessions: int | None = None,
    seed: int = 1,
    plant: int = 1,
) -> WorldTask:
    """Return what is counted in a world; horizons and sessions have defaults."""
    rising = tuple(one.label for one in horizons_of(set(horizons))) or HORIZONS
    return WorldTask(world, signals, rising, world.length(sessions or SESSIONS), seed, plant)
