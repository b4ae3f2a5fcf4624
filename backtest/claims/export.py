"""A judged claim as JSON."""

from __future__ import annotations

from backtest.claims.found import Found, Outcome, Record, Spells
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
        ``verdict``; ``basis``, on which it holds, and the ``choice`` that this is; ``tried``, every reading, the
        claim's own first; ``why`` it cannot be checked; ``figures``; for an open question ``horizons`` and ``study``,
        its verdict in words; ``cautions``. Fractions; null for a missing number.
    """
    claim, study = judged.claim, judged.study
    return {
        "strategy": judged.strategy,
        "number": claim.number,
        "said": claim.said,
        "by": claim.by,
        "on": claim.on.isoformat(),
        "note": claim.note,
        "verdict": judged.conclusion.verdict,
        "basis": judged.conclusion.basis,
        "choice": judged.conclusion.choice,
        "tried": [{"basis": one.name, "choice": one.kind} for one in judged.readings],
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
        "what": figure.what,
        "leg": figure.leg,
        "horizon": figure.horizon,
        "on": (figure.on or judged.claim.on).isoformat() if figure.find == "value" else None,
        "since": figure.since.isoformat() if figure.since else None,
        "said": figure.bounds or figure.said,
        "days": figure.said if figure.find == "record" else None,
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
        "beyond": result.beyond,
        "cautions": list(result.cautions),
    }


def _found(found: Found | None) -> Json:
    if isinstance(found, Spells):
        return {"found": [spell.json for spell in found.inside], "before": [spell.json for spell in found.before]}
    number: Json = {"found": found.number if found else None, "before": None}
    if isinstance(found, Outcome):
        counted = {"n": found.n, "events": found.events, "first": found.first, "last": found.last}
        return number | counted | {"covers": found.covers}
    if isinstance(found, Record):
        days = [{"on": day, "value": value} for day, value in zip(found.days, found.values, strict=True)]
        return number | {"days": days, "record_since": found.since, "covers": found.covers}
    return number
