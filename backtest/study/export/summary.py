"""The content of ``run.json``: the question, the data, and the results."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from backtest._version import __version__
from backtest.catalog.calibrations import kept_calibration
from backtest.files import sha256_of
from backtest.inference.result import finite
from backtest.inference.verdict import alone
from backtest.measure.summaries import count_status
from backtest.model import Detection, Indicator, SeriesInfo
from backtest.plan import Plan
from backtest.record.schema import SCHEMA, SEVERAL
from backtest.spec.completed import changes_of
from backtest.study.asset_result import AssetResult
from backtest.study.export.expectations import expectations_json
from backtest.study.export.leg_tables import legs_json
from backtest.study.export.listing import dataset_json, events_json, lookahead_json
from backtest.study.export.origin import origin_json
from backtest.study.export.robustness import inference_json, robustness_json
from backtest.study.export.tables import observed_series
from backtest.study.headline import headline
from backtest.study.notes_on_assets import notes_on_asset
from backtest.study.result import StudyResult
from backtest.study.robustness.counting_rules import RuleCounts
from backtest.study.robustness.rarity import Rarity
from backtest.study.robustness.rests_on import Robustness
from backtest.study.robustness.sentences import remarks_on
from backtest.study.sample_account import sample_json, sample_span
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.ledger.count import Count
    from backtest.study.trading import Trade  # a study without a trade imports none of it


def summary_of(study: StudyResult) -> Json:
    """Build ``run.json``; numbers that cannot be given are null.

    The figures of a single asset are at the top level; those of several are under ``assets``, one block each.
    """
    plan, detection = study.plan, study.detection
    prices = plan.dataset.prices
    observed = observed_series(prices, detection)
    blocks = [_asset(study, *pair) for pair in zip(study.assets, study.robustness, strict=True)]
    one = blocks[0] if len(blocks) == 1 else None
    return {
        "schema": SCHEMA if one else SEVERAL,
        **asked_json(plan, study.created),
        "sample": one["sample"] if one else sample_span(prices.sessions, detection),
        **({"legs": one["legs"]} if one else {}),
        "observed": None if observed is None else series_json(prices.series[observed]),
        "indicator": _indicator(detection.condition.indicator),
        "conditions": _conditions(detection),
        "n_events": len(study),
        "n_episodes": len(detection.episodes),
        "events": events_json(prices, detection),
        "reconciliation": [account.to_json() for account in detection.accounts],
        **({"horizons": one["horizons"]} if one else {"assets": blocks}),
        "trade": None if study.trade is None else _trade(study.trade),
        "headline": headline(study),
        "verdict": study.verdict,
        "calibration": _calibration(plan),
        "expectations": expectations_json(study.expectations),
        **({"robustness": one["robustness"], "rules": one["rules"]} if one else {}),
        "rarity": _rarity(study.rarity),
        "lookahead": lookahead_json(study.lookahead),
        "notes": [note.to_json() for note in study.notes],
    }


def with_ledger(summary: Json, counted: Count) -> Json:
    """Return ``run.json`` with what the ledger says of the study."""
    return {**summary, "ledger": counted.to_json()}


def _calibration(plan: Plan) -> str | None:
    """Quote how often the verdict is wrong on data like these, if this was measured."""
    kept = kept_calibration(plan)
    return None if kept is None else kept.sentence


def _asset(study: StudyResult, asset: AssetResult, rests: Robustness) -> Json:
    """Return the part that concerns one asset."""
    prices, day0 = study.plan.dataset.prices, study.plan.strategy.episodes.day0
    horizons = asset.base_rate.forward.horizons
    rows = horizons_json(asset)
    for column, row in enumerate(rows):
        row["legs"] = legs_json(asset, column)
        row["doubt"] = asset.doubts.get(horizons[column], "")
        row["remarks"] = remarks_on(asset, rests, column)
    return {
        "name": asset.name,
        "legs": {leg: series_json(prices.info(name)) for leg, name in asset.legs.items()},
        "sample": sample_json(prices.sessions, study.detection, asset.base_rate, day0),
        "horizons": rows,
        "robustness": robustness_json(rests, horizons, asset.base_rate.measured),
        "rules": _rules(asset.counting_rules),
        "notes": [note.to_json() for note in notes_on_asset(prices, asset)],
    }


def horizons_json(asset: AssetResult) -> list[Json]:
    """Return one object per horizon: what the terminal and the report show."""
    measurement, base, of = asset.measurement, asset.base_rate.summary.judged, asset.base_rate.measured
    events, pending = measurement.summary, count_status(measurement.status, "pending")
    elsewhere = count_status(measurement.status, "not covered", "missing")
    return [
        {
            "horizon": result.horizon.label,
            "n": result.n,
            "pending": int(pending[i]),
            "not_covered": int(elsewhere[i]),
            **{f"{leg}_mean": finite(summary.mean[i]) for leg, summary in events.legs.items()},
            of.median: finite(events.judged.median[i]),
            "hit_rate": finite(events.judged.hit_rate[i]),
            of.base_mean: finite(base.mean[i]),
            "base_hit_rate": finite(base.hit_rate[i]),
            "excess": result.excess,
            "statistic": result.null_test.statistic,
            "p_value": result.null_test.p_value,
            "p_adjusted": result.null_test.p_adjusted,
            **inference_json(result.inference),
        }
        for i, result in enumerate(asset.results)
    ]


def _indicator(indicator: Indicator | None) -> Json | None:
    if indicator is None:
        return None
    given = indicator.threshold
    threshold = None if given is None or not math.isfinite(given) else float(given)
    return {"name": indicator.name, "unit": indicator.unit, "threshold": threshold, "side": indicator.side}


def _conditions(detection: Detection) -> list[Json]:
    """Say how often each condition that the strategy combines was met, over the history as drawn."""
    first = detection.window[0]
    return [
        {
            "name": name,
            "runs": len(condition.runs(first)[0]),
            "met": int(np.count_nonzero(condition.met[first:])),
            "unknown": int(np.count_nonzero(~condition.known[first:])),
            "sessions": len(condition.met) - first,
        }
        for name, condition in detection.parts.items()
    ]


def _rules(counts: RuleCounts) -> list[Json]:
    """List the counting rules, each with its figures and a short verdict."""
    return [
        {
            "rule": rule.key,
            "day0": rule.day0,
            "cooldown": "horizon" if rule.cooldown is None else rule.cooldown,
            "investable": rule.investable,
            "horizons": [_rule_at(counts, row, column) for column in range(len(counts.horizons))],
        }
        for row, rule in enumerate(counts.rules)
    ]


def _rule_at(counts: RuleCounts, row: int, column: int) -> Json:
    n, p_value = int(counts.n[row, column]), finite(counts.p_value[row, column])
    return {
        "horizon": counts.horizons[column].label,
        "events": int(counts.events[row, column]),
        "n": n,
        counts.measured.mean: finite(counts.mean[row, column]),
        "hit_rate": finite(counts.hit_rate[row, column]),
        counts.measured.base_mean: finite(counts.base_mean[row, column]),
        "p_value": p_value,
        "verdict": alone(n, p_value),
    }


def _rarity(found: Rarity | None) -> Json | None:
    """Return the neighbourhood of the condition; its counts are also in the table ``rarity``."""
    if found is None:
        return None
    return {
        "sessions": found.sessions_key,
        "threshold": found.threshold_key,
        "unit": found.unit,
        "text": found.text,
        "failed": found.failed,
        "cells": [asdict(cell) for cell in found.cells],
    }


def _trade(trade: Trade) -> Json:
    """Collect the figures of the simulated trade, as fractions."""
    simulation = trade.simulation
    return {
        **trade.rules.model_dump(mode="json"),
        "n_trades": trade.n_trades,
        "open_trades": trade.open_trades,
        "total_return": simulation.total_return,
        "sharpe": trade.sharpe,
        "max_drawdown": simulation.max_drawdown,
        "exposure": float(simulation.exposure.mean()),
        "hit_rate": trade.hit_rate,
    }


def asked_json(plan: Plan, created: dt.datetime) -> Json:
    """Return what was asked, when and of which data, as the record of any study has it."""
    return {
        "run_id": run_id_of(plan, created),
        "created": created.isoformat().replace("+00:00", "Z"),
        "version": __version__,
        "strategy": plan.strategy.name,
        "title": plan.strategy.title,
        "question": plan.strategy.question,
        "dataset": dataset_json(plan.dataset),
        "parameters": plan.parameters,
        "overrides": changes_of(plan.strategy, plan.parameters),
        **origin_json(plan),
    }


def run_id_of(plan: Plan, created: dt.datetime) -> str:
    """Return the id of a run: when, and a hash of what was run on what."""
    content = json.dumps([plan.strategy.name, plan.parameters, plan.dataset.sha256], sort_keys=True)
    return f"{created:%Y%m%dT%H%M%SZ}-{sha256_of(content.encode())[:8]}"


def series_json(info: SeriesInfo) -> Json:
    """Return what a record says of a series."""
    return {
        "name": info.name,
        "title": info.title,
        "kind": info.kind,
        "unit": info.unit,
        "derivation": info.derivation,
    }
