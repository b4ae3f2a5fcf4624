"""From arrays to the tables of a record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from backtest.detect.episodes import find_episodes
from backtest.measure.summary import Summary, count_status
from backtest.model import Condition, Detection, Prices
from backtest.plan import Plan
from backtest.record.tables import to_table
from backtest.study.base_rate import Baseline
from backtest.study.measurement import Measurement
from backtest.study.robustness.rarity import Rarity
from backtest.trade.simulation import Holdings, Simulation

LEGS = ("asset", "benchmark", "spread")


def events_table(prices: Prices, seen: Detection) -> pa.Table:
    """One row an event."""
    episodes, day0 = seen.events.episodes, seen.events.day0
    indicator = seen.condition.indicator
    values = np.full(len(day0), np.nan) if indicator is None else indicator.values[episodes.trigger]
    return to_table(
        "events",
        {
            "event": np.arange(1, len(day0) + 1),
            "start": prices.sessions[episodes.start],
            "trigger": prices.sessions[episodes.trigger],
            "end": prices.sessions[episodes.end],
            "day0": prices.sessions[day0],
            "ongoing": episodes.ongoing,
            "indicator": values,
        },
    )


def forward_table(seen: Detection, baseline: Baseline, measured: Measurement) -> pa.Table:
    """One row an event and horizon."""
    forward, day0 = baseline.forward, seen.events.day0
    n, m = len(day0), len(forward.horizons)
    return to_table(
        "forward_returns",
        {
            "event": np.repeat(np.arange(1, n + 1), m),
            "horizon": np.tile(np.array(forward.horizons), n),
            "status": measured.status.ravel().tolist(),
            **{leg: getattr(forward, leg)[day0].ravel() for leg in LEGS},
            "mae": measured.mae.ravel(),
            "mfe": measured.mfe.ravel(),
        },
    )


def horizons_table(baseline: Baseline, measured: Measurement) -> pa.Table:
    """One row a horizon: what the terminal and the report show."""
    events, base, tested = measured.summary, baseline.base, measured.tested
    nothing = np.full(len(events.n), np.nan)
    return to_table(
        "horizons",
        {
            "horizon": np.array(baseline.forward.horizons),
            "n": events.n,
            "pending": count_status(measured.status, "pending"),
            "not_covered": count_status(measured.status, "not covered", "missing"),
            **{f"{leg}_mean": getattr(events, leg).mean for leg in LEGS},
            "spread_median": events.spread.median,
            "hit_rate": events.spread.hit_rate,
            "base_spread_mean": base.spread.mean,
            "base_hit_rate": base.spread.hit_rate,
            "excess": events.spread.mean - base.spread.mean,
            "statistic": tested.statistic,
            "p_value": tested.p_value,
            "p_adjusted": tested.p_adjusted,
            "ci_low": nothing,
            "ci_high": nothing,
            "mde": nothing,
        },
    )


def base_rates_table(baseline: Baseline) -> pa.Table:
    """One row a horizon: every eligible session as day 0."""
    base: Summary = baseline.base
    columns: dict[str, Any] = {"horizon": np.array(baseline.forward.horizons), "n": base.n}
    for leg in LEGS:
        summary = getattr(base, leg)
        columns |= {
            f"{leg}_mean": summary.mean,
            f"{leg}_median": summary.median,
            f"{leg}_hit_rate": summary.hit_rate,
        }
    return to_table("base_rates", columns)


def paths_table(measured: Measurement) -> pa.Table:
    """One row an event and offset."""
    paths = measured.paths
    n, m = paths.spread.shape
    return to_table(
        "paths",
        {
            "event": np.repeat(np.arange(1, n + 1), m),
            "offset": np.tile(paths.offsets, n),
            **{leg: getattr(paths, leg).ravel() for leg in LEGS},
        },
    )


def average_path_table(measured: Measurement) -> pa.Table:
    """One row an offset."""
    columns: dict[str, Any] = {
        "offset": measured.paths.offsets,
        "n": np.isfinite(measured.paths.spread).sum(axis=0),
    }
    for leg, average in measured.average.items():
        for part in ("mean", "low", "high", "base"):
            columns[f"{leg}_{part}"] = getattr(average, part)
    return to_table("average_path", columns)


def history_table(plan: Plan, seen: Detection, baseline: Baseline) -> pa.Table:
    """One row a session from the sample window on: the level that the detector watches, and the legs."""
    prices, first = plan.dataset.prices, seen.window[0]
    nothing = np.full(len(prices), np.nan)
    observed = observed_series(prices, seen)
    indicator = seen.condition.indicator
    return to_table(
        "history",
        {
            "session": prices.sessions[first:],
            "observed": (nothing if observed is None else prices.close(observed))[first:],
            "indicator": (nothing if indicator is None else indicator.values)[first:],
            "asset": baseline.asset.close[first:],
            "benchmark": baseline.benchmark.close[first:],
        },
    )


def conditions_table(prices: Prices, seen: Detection) -> pa.Table:
    """One row a run of each condition that the strategy combines, as far as the history is drawn."""
    first = seen.window[0]
    rows: list[tuple[str, int, int]] = []
    for name, condition in seen.parts.items():
        runs = find_episodes(Condition(condition.met[first:], condition.known[first:]))
        rows += [(name, first + begin, first + end) for begin, end in zip(runs.trigger, runs.end, strict=True)]
    begin, end = (np.array([row[at] for row in rows], dtype=np.int64) for at in (1, 2))
    return to_table(
        "conditions",
        {
            "condition": [row[0] for row in rows],
            "first": prices.sessions[begin],
            "last": prices.sessions[end],
            "sessions": end - begin + 1,
        },
    )


def rarity_table(found: Rarity) -> pa.Table:
    """One row a condition of the neighbourhood."""
    numbers = ("sessions", "threshold", "episodes", "met")
    columns: dict[str, Any] = {
        key: np.array([getattr(cell, key) for cell in found.cells], dtype=np.float64) for key in numbers
    }
    return to_table("rarity", {**columns, "own": [cell.own for cell in found.cells]})


def observed_series(prices: Prices, seen: Detection) -> str | None:
    """Name the first level series that the detector reads; None where it reads no level."""
    levels = [name for name in seen.reads if prices.series[name].basis is not None]
    return levels[0] if levels else None


def trades_table(prices: Prices, holdings: Holdings, simulation: Simulation) -> pa.Table:
    """One row a trade."""
    taken = len(simulation.net_return)
    last = simulation.first + len(simulation.equity) - 1
    leave = holdings.exit[:taken]
    is_open = leave > last
    ends = np.minimum(leave, last)
    exits = prices.sessions[ends].astype("datetime64[D]")
    exits[is_open] = np.datetime64("NaT")
    return to_table(
        "trades",
        {
            "trade": np.arange(1, taken + 1),
            "events": holdings.events[:taken],
            "entry": prices.sessions[holdings.entry[:taken]],
            "exit": exits,
            "sessions": ends - holdings.entry[:taken],
            "asset_return": simulation.asset_return,
            "benchmark_return": simulation.benchmark_return,
            "costs": simulation.costs,
            "net_return": simulation.net_return,
        },
    )


def equity_table(prices: Prices, simulation: Simulation) -> pa.Table:
    """One row a session."""
    end = simulation.first + len(simulation.equity)
    return to_table(
        "equity",
        {
            "session": prices.sessions[simulation.first : end],
            "equity": simulation.equity,
            "exposure": simulation.exposure,
        },
    )
