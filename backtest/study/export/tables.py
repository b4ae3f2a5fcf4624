"""From arrays to the tables of a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from backtest.measure.distribution import distributions
from backtest.measure.summaries import Summary, count_status
from backtest.model import Detection, Floats, Measured, Prices, judged, measured_by
from backtest.record.schema import BY_ASSET
from backtest.record.tables import columns_of, in_blocks, to_table
from backtest.study.asset_result import AssetResult
from backtest.study.base_rate import BaseRate
from backtest.study.export.expectations import expectations_tables
from backtest.study.export.leg_tables import legs_table
from backtest.study.export.listing import events_table
from backtest.study.export.robustness import robustness_tables
from backtest.study.measurement import Measurement
from backtest.study.result import StudyResult
from backtest.study.robustness.counting_rules import RuleCounts
from backtest.study.robustness.rarity import Rarity
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.study.trading import Trade  # a study without a trade imports none of it


def tables_of(study: StudyResult) -> dict[str, pa.Table]:
    """Return every table of a study's record, by name."""
    prices, detection = study.plan.dataset.prices, study.detection
    tables = {"events": events_table(prices, detection), **_tables_of_assets(study)}
    if detection.parts:
        tables["conditions"] = conditions_table(prices, detection)
    if study.rarity is not None:
        tables["rarity"] = rarity_table(study.rarity)
    if study.expectations is not None:
        tables |= expectations_tables(study.expectations, prices, detection)
    if study.trade is not None:
        tables |= {
            "trades": trades_table(prices, study.trade, study.measured),
            "equity": equity_table(prices, study.trade),
        }
    return tables


def _tables_of_assets(study: StudyResult) -> dict[str, pa.Table]:
    """Return the tables of the assets: as they are for one, in blocks with separate levels for several."""
    prices, detection, measured = study.plan.dataset.prices, study.detection, study.measured
    pairs = zip(study.assets, study.robustness, strict=True)
    found = {
        asset.name: {**_asset_tables(prices, detection, asset), **robustness_tables(asset, rests)}
        for asset, rests in pairs
    }
    first = next(iter(found.values()))
    if len(found) == 1:
        return first
    for tables in found.values():
        tables["levels"] = tables["history"].select(["session", *measured.held])
    blocks = {name: in_blocks({asset: of[name] for asset, of in found.items()}) for name in (*BY_ASSET, "levels")}
    return {**blocks, "history": first["history"].drop_columns(list(measured.held))}


def _asset_tables(prices: Prices, detection: Detection, asset: AssetResult) -> dict[str, pa.Table]:
    base_rate, measurement = asset.base_rate, asset.measurement
    return {
        "forward_returns": forward_table(detection, base_rate, measurement),
        "horizons": horizons_table(asset),
        "base_rates": base_rates_table(base_rate),
        "base_distribution": base_distribution_table(base_rate),
        "paths": paths_table(measurement),
        "average_path": average_path_table(measurement),
        "history": history_table(prices, detection, base_rate),
        "rules": rules_table(asset.counting_rules),
        "legs": legs_table(asset),
    }


def forward_table(detection: Detection, base_rate: BaseRate, measurement: Measurement) -> pa.Table:
    """One row per event and horizon."""
    forward, day0 = base_rate.forward, detection.events.day0
    n, m = len(day0), len(forward.horizons)
    return to_table(
        "forward_returns",
        {
            "event": np.repeat(np.arange(1, n + 1), m),
            **columns_of(forward.horizons, times=n),
            "status": measurement.status.ravel().tolist(),
            **{leg: returns[day0].ravel() for leg, returns in forward.legs.items()},
            "mae": measurement.mae.ravel(),
            "mfe": measurement.mfe.ravel(),
            **{f"{leg}_drawdown": fallen[day0].ravel() for leg, fallen in base_rate.drawdowns.items()},
        },
        base_rate.measured,
    )


def horizons_table(asset: AssetResult) -> pa.Table:
    """One row per horizon: what the terminal and the report show."""
    measurement, base_rate = asset.measurement, asset.base_rate
    events, base, of = measurement.summary, base_rate.summary.judged, base_rate.measured
    effects = [one.effect for one in asset.inference]
    return to_table(
        "horizons",
        {
            **columns_of(base_rate.forward.horizons),
            "n": events.n,
            "pending": count_status(measurement.status, "pending"),
            "not_covered": count_status(measurement.status, "not covered", "missing"),
            **{f"{leg}_mean": summary.mean for leg, summary in events.legs.items()},
            of.median: events.judged.median,
            "hit_rate": events.judged.hit_rate,
            of.base_mean: base.mean,
            "base_hit_rate": base.hit_rate,
            "excess": measurement.excess,
            **{
                key: _floats(getattr(test, key) for test in asset.null_tests)
                for key in ("statistic", "p_value", "p_adjusted")
            },
            "ci_low": _floats(effect.low for effect in effects),
            "ci_high": _floats(effect.high for effect in effects),
            "mde": _floats(effect.detectable for effect in effects),
        },
        of,
    )


def base_rates_table(base_rate: BaseRate) -> pa.Table:
    """One row per horizon: every eligible session as day 0."""
    base: Summary = base_rate.summary
    columns: Json = {**columns_of(base_rate.forward.horizons), "n": base.n}
    for leg, summary in base.legs.items():
        columns |= {
            f"{leg}_mean": summary.mean,
            f"{leg}_median": summary.median,
            f"{leg}_hit_rate": summary.hit_rate,
        }
    return to_table("base_rates", columns, base_rate.measured)


def base_distribution_table(base_rate: BaseRate) -> pa.Table:
    """One row a horizon and range: how many of the eligible sessions ended in it."""
    forward = base_rate.forward
    edges, counts = distributions(forward.judged, base_rate.eligible)
    return to_table(
        "base_distribution",
        {
            **columns_of(forward.horizons, each=counts.shape[1]),
            "low": edges[:, :-1].ravel(),
            "high": edges[:, 1:].ravel(),
            "n": counts.ravel(),
        },
        base_rate.measured,
    )


def paths_table(measurement: Measurement) -> pa.Table:
    """One row per event and offset."""
    paths = measurement.paths
    n, m = judged(paths.legs).shape
    return to_table(
        "paths",
        {
            "event": np.repeat(np.arange(1, n + 1), m),
            "offset": np.tile(paths.offsets, n),
            **{leg: path.ravel() for leg, path in paths.legs.items()},
        },
        measured_by(paths.legs),
    )


def average_path_table(measurement: Measurement) -> pa.Table:
    """One row per offset."""
    columns: Json = {
        "offset": measurement.paths.offsets,
        "n": np.isfinite(judged(measurement.paths.legs)).sum(axis=0),
    }
    for leg, average in measurement.average.items():
        for part in ("mean", "low", "high", "base"):
            columns[f"{leg}_{part}"] = getattr(average, part)
    return to_table("average_path", columns, measured_by(measurement.average))


def history_table(prices: Prices, detection: Detection, base_rate: BaseRate) -> pa.Table:
    """One row per session from the start of the sample window: the level that the detector watches, and the legs."""
    first = detection.window[0]
    nothing = np.full(len(prices), np.nan)
    observed = observed_series(prices, detection)
    indicator = detection.condition.indicator
    return to_table(
        "history",
        {
            "session": prices.sessions[first:],
            "observed": (nothing if observed is None else prices.close(observed))[first:],
            "indicator": (nothing if indicator is None else indicator.values)[first:],
            **{leg: held.close[first:] for leg, held in zip(base_rate.measured.held, base_rate.legs, strict=True)},
        },
        base_rate.measured,
    )


def conditions_table(prices: Prices, detection: Detection) -> pa.Table:
    """One row per run of each condition that the strategy combines, over the history as drawn."""
    first = detection.window[0]
    rows: list[tuple[str, int, int]] = []
    for name, condition in detection.parts.items():
        rows += [(name, begin, end) for begin, end in zip(*condition.runs(first), strict=True)]
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
    """One row per condition of the neighbourhood."""
    numbers = ("sessions", "threshold", "episodes", "met")
    columns: Json = {key: np.array([getattr(cell, key) for cell in found.cells], dtype=np.float64) for key in numbers}
    return to_table("rarity", {**columns, "own": [cell.own for cell in found.cells]})


def _floats(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values])


def observed_series(prices: Prices, detection: Detection) -> str | None:
    """Name the first level series that the detector reads; None if it reads no level."""
    levels = [name for name in detection.reads if prices.series[name].basis is not None]
    return levels[0] if levels else None


def rules_table(counts: RuleCounts) -> pa.Table:
    """One row per counting rule and horizon."""
    n_rules, n_horizons = counts.events.shape
    return to_table(
        "rules",
        {
            "rule": np.repeat([rule.key for rule in counts.rules], n_horizons).tolist(),
            **columns_of(counts.horizons, times=n_rules),
            "events": counts.events.ravel(),
            "n": counts.n.ravel(),
            counts.measured.mean: counts.mean.ravel(),
            "hit_rate": counts.hit_rate.ravel(),
            counts.measured.base_mean: counts.base_mean.ravel(),
            "p_value": counts.p_value.ravel(),
        },
        counts.measured,
    )


def trades_table(prices: Prices, trade: Trade, measured: Measured) -> pa.Table:
    """One row per trade."""
    holdings, simulation, taken = trade.holdings, trade.simulation, trade.n_trades
    leave = holdings.exit[:taken]
    ends = np.minimum(leave, trade.last)
    exits = prices.sessions[ends].astype("datetime64[D]")
    exits[leave > trade.last] = np.datetime64("NaT")
    return to_table(
        "trades",
        {
            "trade": np.arange(1, taken + 1),
            "events": holdings.events[:taken],
            "entry": prices.sessions[holdings.entry[:taken]],
            "exit": exits,
            "sessions": ends - holdings.entry[:taken],
            **{f"{leg}_return": simulation.leg_returns[:, at] for at, leg in enumerate(measured.held)},
            "costs": simulation.costs,
            "net_return": simulation.net_return,
        },
        measured,
    )


def equity_table(prices: Prices, trade: Trade) -> pa.Table:
    """One row per session."""
    simulation = trade.simulation
    end = simulation.first + len(simulation.equity)
    return to_table(
        "equity",
        {
            "session": prices.sessions[simulation.first : end],
            "equity": simulation.equity,
            "exposure": simulation.exposure,
        },
    )
