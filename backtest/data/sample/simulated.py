"""The complete simulated history: from the facts and a seed to columns and contracts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.data.sample.bridge import bridged, levels
from backtest.data.sample.facts import Facts
from backtest.data.sample.futures import fed_funds_strip
from backtest.data.sample.rates import policy_rate, target_rate
from backtest.data.sample.sessions import year_of
from backtest.data.sample.shocks import index_shocks
from backtest.data.sample.streaks import without_other_streaks
from backtest.data.sample.total_returns import MIX, daytime_returns, mixed, opens, total_return
from backtest.model import Contracts, Floats, Sessions

SEED = 19871231
INDEX_SERIES = ("SIM_SMALL_INDEX", "SIM_MARKET_INDEX", "SIM_TECH_INDEX")
FUTURES_SERIES = "SIM_FED_FUNDS_FUTURES"


@dataclass(frozen=True, eq=False)
class Simulation:
    """A simulated history.

    Attributes
    ----------
    sessions : ndarray of shape (n_sessions,)
        Trading days.
    columns : dict of str to ndarray of shape (n_sessions,)
        ``"SIM_SMALL"`` for a close or a rate, ``"SIM_SMALL.open"`` for an open.
    contracts : Contracts
        The fed funds futures.
    """

    sessions: Sessions
    columns: dict[str, Floats]
    contracts: Contracts


def simulate(facts: Facts, sessions: Sessions, seed: int = SEED) -> Simulation:
    """Simulate the sample: the same facts, sessions and seed give the same history."""
    streams = [np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence(seed).spawn(4)]
    columns = _levels(facts, sessions, *streams[:3])
    rate = policy_rate(sessions, facts.target_changes)
    columns["SIM_POLICY_RATE"] = rate
    columns["SIM_FED_FUNDS_TARGET"] = target_rate(sessions, facts.target_changes)
    return Simulation(sessions, columns, fed_funds_strip(sessions, rate, facts.target_changes, streams[3]))


def _levels(
    facts: Facts,
    sessions: Sessions,
    for_shocks: np.random.Generator,
    for_opens: np.random.Generator,
    for_legs: np.random.Generator,
) -> dict[str, Floats]:
    year = year_of(sessions)
    shocks = index_shocks(sessions, facts, for_shocks)
    returns = bridged(shocks.returns, shocks.volatility, shocks.free, year, facts)
    returns = returns[without_other_streaks(np.expm1(returns[:, 0]), shocks.free, year)]
    closes = levels(returns, year, facts)
    daytime = daytime_returns(returns, shocks.volatility, for_opens)
    columns: dict[str, Floats] = {}
    for k, name in enumerate(INDEX_SERIES):
        columns[name] = closes[:, k]
        columns[f"{name}.open"] = opens(closes[:, k], daytime[:, k])
    for role in MIX:
        name = f"SIM_{role.upper()}"
        columns[name] = total_return(role, closes, for_legs)
        columns[f"{name}.open"] = opens(columns[name], mixed(role, daytime))
    return columns
