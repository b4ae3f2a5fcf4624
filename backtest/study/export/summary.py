"""The content of ``run.json``: what was asked, on what, and what came out."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa

from backtest.inference.verdict import Finding, verdict
from backtest.model import Detection, Indicator, Prices, SeriesInfo
from backtest.plan import Plan
from backtest.record.schema import SCHEMA
from backtest.study.export.tables import observed_series
from backtest.trade.simulation import Holdings, Simulation

Json = dict[str, Any]


def summarise(plan: Plan, seen: Detection, tables: dict[str, pa.Table], notes: list[dict[str, str]]) -> Json:
    """Build ``run.json`` before the trade is known; numbers that cannot be given are null."""
    prices, measure = plan.dataset.prices, plan.strategy.measure
    created = dt.datetime.now(dt.UTC).replace(microsecond=0)
    horizons = tables["horizons"].to_pylist()
    first, last = seen.window
    observed = observed_series(prices, seen)
    indicator = seen.condition.indicator
    asset, benchmark = prices.info(measure.asset), prices.info(measure.benchmark)
    return {
        "schema": SCHEMA,
        "run_id": _run_id(plan, created),
        "created": created.isoformat().replace("+00:00", "Z"),
        "version": version("episode-backtest"),
        "strategy": plan.strategy.name,
        "title": plan.strategy.title,
        "question": plan.strategy.question,
        "dataset": dataset_json(plan),
        "parameters": plan.parameters,
        "sample": {
            "first": str(prices.sessions[first]),
            "last": str(prices.sessions[last]),
            "sessions": last - first + 1,
        },
        "legs": {"asset": _series(asset), "benchmark": _series(benchmark)},
        "observed": None if observed is None else _series(prices.series[observed]),
        "indicator": None if indicator is None else _indicator(indicator),
        "conditions": conditions_json(seen, tables.get("conditions")),
        "n_events": len(seen.events),
        "n_episodes": len(seen.episodes),
        "events": events_json(prices, seen),
        "horizons": horizons,
        "trade": None,
        "verdict": verdict([_finding(row) for row in horizons], len(seen.events), measure.asset, measure.benchmark),
        "notes": notes,
    }


def _indicator(indicator: Indicator) -> Json:
    given = indicator.threshold
    threshold = None if given is None or not math.isfinite(given) else float(given)
    return {"name": indicator.name, "unit": indicator.unit, "threshold": threshold, "side": indicator.side}


def conditions_json(seen: Detection, table: pa.Table | None) -> list[Json]:
    """Say of each condition that the strategy combines how often it was met, over the history as it is drawn."""
    first = seen.window[0]
    names = [] if table is None else table["condition"].to_pylist()
    return [
        {
            "name": name,
            "runs": names.count(name),
            "met": int(np.count_nonzero(condition.met[first:])),
            "unknown": int(np.count_nonzero(~condition.known[first:])),
            "sessions": len(condition.met) - first,
        }
        for name, condition in seen.parts.items()
    ]


def events_json(prices: Prices, seen: Detection) -> list[dict[str, str]]:
    """List the events as ISO dates, in order of day 0."""
    episodes = seen.events.episodes
    columns = {
        "start": episodes.start,
        "trigger": episodes.trigger,
        "end": episodes.end,
        "day0": seen.events.day0,
    }
    dates = {name: prices.sessions[position].astype(str).tolist() for name, position in columns.items()}
    return [{name: dates[name][i] for name in dates} for i in range(len(seen.events))]


def dataset_json(plan: Plan) -> Json:
    """Name the data as every result must."""
    data = plan.dataset
    return {"name": data.name, "title": data.title, "sha256": data.sha256, "synthetic": data.synthetic}


def trade_json(plan: Plan, holdings: Holdings, simulation: Simulation) -> Json:
    """Collect the figures of the simulated trade; fractions."""
    rules = plan.strategy.trade
    assert rules is not None, "a trade is simulated only where the strategy has one"
    last = simulation.first + len(simulation.equity) - 1
    taken = len(simulation.net_return)
    return {
        **rules.model_dump(mode="json"),
        "n_trades": taken,
        "open_trades": int((holdings.exit[:taken] > last).sum()),
        "total_return": simulation.total_return,
        "sharpe": None if math.isnan(simulation.sharpe) else simulation.sharpe,
        "max_drawdown": simulation.max_drawdown,
        "exposure": float(simulation.exposure.mean()),
        "hit_rate": float((simulation.net_return > 0).mean()) if taken else None,
    }


def _run_id(plan: Plan, created: dt.datetime) -> str:
    content = json.dumps([plan.strategy.name, plan.parameters, plan.dataset.sha256], sort_keys=True)
    return f"{created:%Y%m%dT%H%M%SZ}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _series(info: SeriesInfo) -> Json:
    return {
        "name": info.name,
        "title": info.title,
        "kind": info.kind,
        "unit": info.unit,
        "derivation": info.derivation,
    }


def _finding(row: Json) -> Finding:
    return Finding(row["horizon"], row["n"], row["excess"], row["p_value"], row["p_adjusted"])
