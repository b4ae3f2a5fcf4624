"""A judged claim as JSON."""

from __future__ import annotations

from backtest.claims.evidence import Spells, Value
from backtest.claims.judged import FigureResult, JudgedClaim, JudgedFigure
from backtest.study.export.summary import horizons_json
from backtest.study.study import Study
from backtest.untyped import Json

SHOWN = ("excess", "p_value", "p_adjusted")


def claim_json(judged: JudgedClaim) -> Json:
    """Return a judged claim in the form of ``backtest claims --json``.

    Returns
    -------
    dict
        ``verdict``; ``basis``, on which it holds; ``why`` it cannot be checked; ``figures``; for an open question
        ``horizons`` and ``study``, its verdict in words; ``cautions``. Fractions; null for a missing number.
    """
    claim, study = judged.claim, judged.study
    return {
        "strategy": judged.strategy,
        "number": claim.number,
        "said": claim.said,
        "on": claim.on.isoformat(),
        "note": claim.note,
        "verdict": judged.conclusion.verdict,
        "basis": judged.conclusion.basis,
        "why": judged.conclusion.why,
        "figures": [_figure(one, judged) for one in judged.figures],
        "horizons": [] if study is None else _horizons(study),
        "study": study.verdict if study else None,
        "cautions": list(judged.cautions),
    }


def _horizons(study: Study) -> list[Json]:
    """Return the looks of a study, one per horizon; with several assets, each look names its asset."""
    of, several = study.measured, len(study.assets) > 1
    return [
        ({"asset_name": asset.name} if several else {})
        | {key: row[key] for key in ("horizon", "n", of.mean, of.base_mean, *SHOWN)}
        for asset in study.assets
        for row in horizons_json(asset)
    ]


def _figure(one: JudgedFigure, judged: JudgedClaim) -> Json:
    figure = one.figure
    return {
        "name": figure.name,
        "find": figure.find,
        "on": (figure.on or judged.claim.on).isoformat() if figure.find == "value" else None,
        "since": figure.since.isoformat() if figure.since else None,
        "said": figure.bounds or figure.said,
        "tolerance": figure.tolerance,
        "unit": one.unit,
        "decides": figure.decides,
        "results": [_result(result) for result in one.results],
    }


def _result(result: FigureResult) -> Json:
    return {
        "basis": result.basis,
        **_found(result.found),
        "holds": result.holds,
        "why": result.why,
        "cautions": list(result.cautions),
    }


def _found(found: Value | Spells | None) -> Json:
    if isinstance(found, Spells):
        return {"found": [spell.json for spell in found.inside], "before": [spell.json for spell in found.before]}
    return {"found": found.number if found else None, "before": None}
