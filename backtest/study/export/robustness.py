"""What a finding rests on, as tables and as the part of ``run.json`` that puts it in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from backtest.inference.opinions.opinion import METHODS
from backtest.inference.result import Inference, finite
from backtest.model import Horizon, Measured
from backtest.record.tables import columns_of, to_table
from backtest.study.asset_result import AssetResult
from backtest.study.robustness.influence import Influence, LeftOut
from backtest.study.robustness.matched import MATCHINGS, PANEL_MATCHINGS, MatchedRate
from backtest.study.robustness.parts import Part
from backtest.study.robustness.rests_on import Robustness
from backtest.untyped import Json


def robustness_tables(asset: AssetResult, found: Robustness) -> dict[str, pa.Table]:
    """Return the tables ``inference``, ``opinions``, ``matched`` and ``influence``."""
    measured, horizons = asset.base_rate.measured, asset.base_rate.forward.horizons
    return {
        "inference": _inference_table(horizons, asset.inference, measured),
        "opinions": _opinions_table(horizons, found, measured),
        **rests_tables(found.matched, found.influence, measured),
    }


def inference_json(one: Inference) -> Json:
    """Return what a row of horizons contains besides its p."""
    return {
        "ci_low": one.effect.low,
        "ci_high": one.effect.high,
        "mde": one.effect.detectable,
        "no_size": one.effect.reason or "",
        "kept": one.effect.kept,
        "standardised_excess": one.standardised.excess,
        "standardised_p": one.standardised.p_value,
        "variance_ratio": one.variance.ratio,
        "variance_p": one.variance.p_value,
    }


def robustness_json(found: Robustness, horizons: tuple[Horizon, ...], measured: Measured) -> Json:
    """Return what the finding on one asset rests on; all lists by horizon follow its order."""
    return {
        "horizons": [one.label for one in horizons],
        "opinions": [
            {
                "method": key,
                "name": method.name,
                "takes_for_granted": method.takes_for_granted,
                "by_horizon": [_opinion(found, key, column) for column in range(len(horizons))],
            }
            for key, method in METHODS.items()
        ],
        **rests_json(found.matched, found.influence, found.halves, measured),
        "sides": [_part(part, measured) for part in found.sides],
    }


def rests_json(
    matched: Sequence[MatchedRate], influence: Influence, halves: Sequence[Part], measured: Measured
) -> Json:
    """Return what a study of one asset and one on a panel have in common; all lists follow the horizons."""
    return {
        "matched": [_matched(rate, measured) for rate in matched],
        "influence": [_left_out(left) for left in influence.left_out],
        "halves": [_part(part, measured) for part in halves],
    }


def rests_tables(matched: Sequence[MatchedRate], influence: Influence, measured: Measured) -> dict[str, pa.Table]:
    """Return the tables ``matched`` and ``influence``."""
    return {
        "matched": _matched_table(influence.horizons, matched, measured),
        "influence": _influence_table(influence.horizons, influence.left_out, measured),
    }


def _opinion(found: Robustness, key: str, column: int) -> Json:
    one = next(opinion for opinion in found.opinions[column] if opinion.method.key == key)
    return {"statistic": one.statistic, "p_value": one.p_value, "reason": one.reason}


def _matched(rate: MatchedRate, measured: Measured) -> Json:
    return {
        "matching": rate.matching,
        "text": (MATCHINGS | PANEL_MATCHINGS)[rate.matching],
        "n": rate.n.tolist(),
        "unmatched": (rate.unknown + rate.alone).tolist(),
        measured.base_mean: _numbers(rate.base_mean),
        "excess": _numbers(rate.excess),
    }


def _left_out(left: LeftOut) -> Json:
    """Return the range of excess and p, and the group with the most influence; the table ``influence`` has all."""
    low, high = left.excess_range
    p_low, p_high = left.p_range
    return {
        "unit": left.unit,
        "groups": len(left.labels),
        "excess_low": _numbers(low),
        "excess_high": _numbers(high),
        "p_low": _numbers(p_low),
        "p_high": _numbers(p_high),
        "most": [left.labels[row] if row >= 0 else None for row in left.most.tolist()],
        "changes_sign": left.changes_sign.any(axis=0).tolist(),
    }


def _part(part: Part, measured: Measured) -> Json:
    return {
        "first": part.first.isoformat(),
        "last": part.last.isoformat(),
        "n": part.n.tolist(),
        measured.base_mean: _numbers(part.base_mean),
        "excess": _numbers(part.excess),
        "p_value": _numbers(part.p_value),
        "variance_ratio": _numbers(part.variance_ratio),
    }


def _numbers(values: np.ndarray) -> list[float | None]:
    return [finite(value) for value in values]


def _inference_table(horizons: tuple[Horizon, ...], found: tuple[Inference, ...], measured: Measured) -> pa.Table:
    rows = [inference_json(one) for one in found]
    keys = ("kept", "standardised_excess", "standardised_p", "variance_ratio", "variance_p")
    return to_table("inference", {**columns_of(horizons), **{key: _column(rows, key) for key in keys}}, measured)


def _column(rows: list[Json], key: str) -> np.ndarray:
    return np.array([np.nan if row[key] is None else row[key] for row in rows], dtype=float)


def _opinions_table(horizons: tuple[Horizon, ...], found: Robustness, measured: Measured) -> pa.Table:
    rows = [_opinion(found, key, column) for column in range(len(horizons)) for key in METHODS]
    return to_table(
        "opinions",
        {
            **columns_of(horizons, each=len(METHODS)),
            "method": list(METHODS) * len(horizons),
            "statistic": _column(rows, "statistic"),
            "p_value": _column(rows, "p_value"),
        },
        measured,
    )


def _matched_table(horizons: tuple[Horizon, ...], rates: Sequence[MatchedRate], measured: Measured) -> pa.Table:
    return to_table(
        "matched",
        {
            **columns_of(horizons, times=len(rates)),
            "matching": np.repeat([rate.matching for rate in rates], len(horizons)).tolist(),
            "n": np.concatenate([rate.n for rate in rates]),
            "unmatched": np.concatenate([rate.unknown + rate.alone for rate in rates]),
            "sessions": np.concatenate([rate.sessions for rate in rates]),
            measured.base_mean: np.concatenate([rate.base_mean for rate in rates]),
            "excess": np.concatenate([rate.excess for rate in rates]),
        },
        measured,
    )


def _influence_table(horizons: tuple[Horizon, ...], left_out: Sequence[LeftOut], measured: Measured) -> pa.Table:
    labels = [(left.unit, label) for left in left_out for label in left.labels]
    keys = ("out", "n", "excess", "p_value")
    stacked = {key: np.concatenate([getattr(left, key) for left in left_out]) for key in keys}
    return to_table(
        "influence",
        {
            **columns_of(horizons, times=len(labels)),
            "unit": np.repeat([unit for unit, _ in labels], len(horizons)).tolist(),
            "label": np.repeat([label for _, label in labels], len(horizons)).tolist(),
            "left_out": stacked["out"].ravel(),
            "n": stacked["n"].ravel(),
            "excess": stacked["excess"].ravel(),
            "p_value": stacked["p_value"].ravel(),
        },
        measured,
    )
