"""What came after the events, leg by leg and event by event, as tables and as JSON."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from backtest.inference.result import finite
from backtest.measure.forward import COMPLETE
from backtest.record.legs_schema import OF_LEG
from backtest.record.tables import columns_of, to_table
from backtest.study.asset_result import AssetResult
from backtest.study.notes_on_assets import WINDOWS
from backtest.study.result import StudyResult
from backtest.untyped import Json


def legs_table(asset: AssetResult) -> pa.Table:
    """One row a horizon and leg, the horizons in order."""
    horizons, of = asset.base_rate.forward.horizons, asset.base_rate.measured
    pairs = [(asset.by_leg[leg], asset.base_rate.by_leg[leg]) for leg in of.legs]
    figures = {
        f"{prefix}{key}": np.column_stack([getattr(pair[at], key) for pair in pairs]).ravel()
        for at, prefix in enumerate(("", "base_"))
        for key in OF_LEG
    }
    places: Json = {**columns_of(horizons, each=len(of.legs)), "leg": list(of.legs) * len(horizons)}
    return to_table("legs", {**places, **figures}, of)


def legs_json(asset: AssetResult, column: int) -> Json:
    """Return the same of one horizon, by leg."""
    return {
        leg: {
            f"{prefix}{key}": _number(getattr(figures[leg], key)[column])
            for prefix, figures in (("", asset.by_leg), ("base_", asset.base_rate.by_leg))
            for key in OF_LEG
        }
        for leg in asset.base_rate.measured.legs
    }


def with_outcomes(run: Json, study: StudyResult) -> Json:
    """Put what came after each event into the content of ``run.json``: under ``outcomes``, of each asset."""
    found = [outcomes_json(study, asset) for asset in study.assets]
    if "assets" not in run:
        return {**run, "outcomes": found[0]}
    return {
        **run,
        "assets": [{**block, "outcomes": one} for block, one in zip(run["assets"], found, strict=True)],
    }


def outcomes_json(study: StudyResult, asset: AssetResult) -> list[Json]:
    """Return what came after each event on an asset, at every horizon.

    Returns
    -------
    list of dict
        One an event, in order of day 0: ``event``, ``day0``, and under ``horizons`` one object a horizon: ``status``,
        the ``reason`` of a window that is not complete, the returns by leg, ``mae``, ``mfe``, and the drawdowns by leg.
        Fractions; null where the window is not complete.
    """
    sessions, day0 = study.plan.dataset.prices.sessions, asset.day0
    return [
        {
            "event": row + 1,
            "day0": str(sessions[at]),
            "horizons": [_outcome(asset, row, column) for column in range(len(asset.results))],
        }
        for row, at in enumerate(day0.tolist())
    ]


def _outcome(asset: AssetResult, row: int, column: int) -> Json:
    forward, measurement, at = asset.base_rate.forward, asset.measurement, asset.day0[row]
    status = str(measurement.status[row, column])
    return {
        "horizon": forward.horizons[column].label,
        "status": status,
        "reason": "" if status == COMPLETE else WINDOWS[status][1],
        **{leg: finite(returned[at, column]) for leg, returned in forward.legs.items()},
        "mae": finite(measurement.mae[row, column]),
        "mfe": finite(measurement.mfe[row, column]),
        **{f"{leg}_drawdown": finite(values[at, column]) for leg, values in asset.base_rate.drawdowns.items()},
    }


def _number(value: np.generic) -> int | float | None:
    return int(value) if isinstance(value, np.integer) else finite(float(value))
