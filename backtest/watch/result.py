"""What `backtest watch` shows: the state of every study, those in an episode first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np

from backtest.data.store.read import load_dataset
from backtest.errors import BacktestError, LooksAhead, StudyRefused
from backtest.lookahead.guard import guard
from backtest.model import Dataset, Prices
from backtest.plan import Plan, plan_on
from backtest.untyped import Json
from backtest.watch.distance import Member, Proximity
from backtest.watch.pending import Pending
from backtest.watch.state import ORDER, REFUSED, Episode, StudyState, state_of
from backtest.workspace import Workspace

SCHEMA = 1


def watch(workspace: Workspace, names: Sequence[str], dataset: str, on: dt.date | None = None) -> Json:
    """Return the state of studies at the last session of a dataset.

    Parameters
    ----------
    workspace : Workspace
        Where names are looked up.
    names : sequence of str
        Strategies; if empty, all of the workspace and all built-ins.
    dataset : str
        The dataset.
    on : date, optional
        Show the state at the close of this day, or of the last session before it; nothing later is read.

    Raises
    ------
    NotFound
        A strategy or the dataset does not exist.
    StudyRefused
        The dataset has no session on or before `on`, or ends before it.
    """
    for name in names:
        workspace.strategy(name)
    whole = load_dataset(workspace.dataset(dataset))
    data = whole if on is None else as_of(whole, on)
    return watch_on(data, workspace, names or list(workspace.strategies()), whole)


def watch_on(data: Dataset, workspace: Workspace, names: Iterable[str], whole: Dataset | None = None) -> Json:
    """Like `watch`, on loaded data; ISO dates, fractions, null for a missing number.

    A user's own detector is sampled for look-ahead on `whole`, of which `data` may be the beginning.
    """
    rows = [_row(data, workspace, name, whole or data) for name in dict.fromkeys(names)]
    rows.sort(key=lambda row: (ORDER.index(row["state"]), row["strategy"]))
    prices = data.prices
    return {
        "schema": SCHEMA,
        "dataset": {"name": data.name, "title": data.title, "sha256": data.sha256, "synthetic": data.synthetic},
        "session": str(prices.sessions[-1]),
        "strategies": rows,
    }


def as_of(data: Dataset, day: dt.date) -> Dataset:
    """Return a dataset as it stood at the close of a day."""
    sessions = data.prices.sessions
    n = int(np.searchsorted(sessions, np.datetime64(day, "D"), side="right"))
    if n == 0 or day > sessions[-1].item():
        raise StudyRefused(
            f"--on {day}: dataset '{data.name}' runs from {sessions[0]} to {sessions[-1]}.", "Name a day within it."
        )
    return data.with_prices(data.prices.until(n))


def _row(data: Dataset, workspace: Workspace, name: str, whole: Dataset) -> Json:
    empty: Json = {
        "title": None,
        "at": None,
        "ended": [],
        "known": False,
        "missing": [],
        "episode": None,
        "close": None,
    }
    try:
        plan = plan_on(data, workspace, name)
        passed = guard(plan.on(whole))
        found = state_of(plan, passed)
    except BacktestError as error:
        rest: Json = {
            "distance": None,
            "conditions": [],
            "n_events": None,
            "pending": [],
            "notes": [],
            "reason": _reason(error, name),
            "refusal": error.statement,
        }
        return {"strategy": _label(name), "state": REFUSED, **empty, **rest}
    return {"strategy": _label(name), "state": found.state, "title": plan.strategy.title, **_state_json(found, plan)}


def _reason(error: BacktestError, name: str) -> str:
    """Return why a study cannot be shown; here, the hint on --allow-lookahead would not help."""
    if isinstance(error, LooksAhead):
        return f"{error.message} Fix it: 'backtest audit {_label(name)}' says more."
    return str(error)


def _label(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].removesuffix(".toml")


def _state_json(found: StudyState, plan: Plan) -> Json:
    prices = plan.dataset.prices
    return {
        "at": _day(prices, found.at),
        "ended": list(found.ended),
        "known": not found.missing,
        "missing": list(found.missing),
        "episode": None if found.episode is None else _episode(found.episode, prices),
        "close": found.proximity.close,
        **_proximity(found.proximity, prices),
        "n_events": found.n_events,
        "pending": [_pending(one, plan) for one in found.pending],
        "notes": [note.to_json() for note in (*plan.notes, *found.cautions)],
        "reason": None,
        "refusal": None,
    }


def _proximity(proximity: Proximity, prices: Prices) -> Json:
    return {
        "distance": None if proximity.distance is None else asdict(proximity.distance),
        "conditions": [_member(one, prices) for one in proximity.members],
    }


def _member(one: Member, prices: Prices) -> Json:
    held = _day(prices, one.held)
    return {
        "name": one.name,
        "holds": one.holds,
        "held": held,
        "close": one.proximity.close,
        **_proximity(one.proximity, prices),
    }


def _episode(one: Episode, prices: Prices) -> Json:
    days = {key: _day(prices, getattr(one, key)) for key in ("start", "trigger", "day0")}
    return {**days, "sessions": one.sessions}


def _pending(one: Pending, plan: Plan) -> Json:
    prices, found = plan.dataset.prices, asdict(one)
    returns, name = found.pop("returns"), found.pop("asset_name")
    named = {"asset_name": name} if len(plan.strategy.measure.assets) > 1 else {}
    return {**named, **found, **returns, "day0": _day(prices, one.day0), "through": _day(prices, one.through)}


def _day(prices: Prices, position: int | None) -> str | None:
    return None if position is None else str(prices.sessions[position])
