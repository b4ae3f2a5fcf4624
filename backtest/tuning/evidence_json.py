"""What a search found outside its own years, as JSON: fractions, null for a missing number."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np

from backtest.format import ALONE
from backtest.tuning.evidence_of_search import Evidence
from backtest.tuning.evidence_words import (
    command_for,
    finding,
    importance_words,
    losses_counted,
    overfitting_words,
    recommended_outside,
    recommended_words,
    superior_words,
    walked_words,
)
from backtest.tuning.outside import Outside
from backtest.tuning.overfitting import Overfitting
from backtest.tuning.searched import Searched
from backtest.tuning.superior_ability import DRAWS, SEED, Superior
from backtest.tuning.walk_forward import Step, WalkForward
from backtest.untyped import Json

BINS = 40


def evidence_json(found: Searched, of: Evidence) -> Json:
    """Build the keys that are added to the summary of a search."""
    taken = of.recommended
    own = of.own
    return {
        "finding": _finding(found, of),
        "own": None if own is None else own + 1,
        "recommended": None
        if taken is None
        else {
            "set": taken.chosen + 1,
            "best_alone": taken.best + 1,
            "neighbours": taken.neighbours,
            "excess": known(taken.alone),
            "excess_with_neighbours": known(taken.together),
            "why": recommended_words(found, of),
            "command": command_for(found, taken.chosen, of.holdout),
        },
        "walk_forward": _walked(found, of.walked),
        "overfitting": _overfitting(of.overfitting),
        "importance": {"shares": of.importance, "text": importance_words(of.importance, of.objective)},
        "specification_curve": {
            "order": [at + 1 for at in of.curve.order.tolist()],
            "positive": of.curve.positive,
            "median": of.curve.median,
            "p_median": of.curve.joint,
            "interval_horizons": [found.horizons[at] for at in of.intervals.columns],
        },
        **({} if of.superior is None else {"superior_ability": _superior(found, of.superior)}),
    }


def _finding(found: Searched, of: Evidence) -> str:
    """Say whether the choice holds outside the years that made it; of one set of events there is none."""
    if found.event_sets == 1:
        return f"No choice is tested outside the years that made it: {ALONE[1]}."
    said = finding(of.walked, found.horizons[of.column])
    return " ".join([said, *losses_counted(of.walked), *recommended_outside(of)])


def cells_of(found: Searched, of: Evidence) -> dict[str, np.ndarray]:
    """Return the figures of every look that are added to its row; arrays of shape (n_sets, n_horizons)."""
    near = [of.neighbours.mean(column) for column in found.excess.T]
    score = np.full(found.excess.shape, np.nan)
    score[:, of.column] = -of.scores if of.objective == "p_adjusted" else of.scores
    return {
        "ci_low": of.intervals.low,
        "ci_high": of.intervals.high,
        "excess_with_neighbours": np.array(near).T,
        "objective": score,
    }


def _walked(found: Searched, walked: WalkForward) -> Json:
    rules = asdict(walked.rules)
    return {
        "rules": {**rules, "blocks": len(walked.steps) + walked.rules.behind},
        "blocks": [_step(found, step) for step in walked.steps],
        **_outside(walked.outside),
        "excess_inside": known(walked.inside),
        "own": None if walked.own is None else _outside(walked.own),
        "best_alone": _outside(walked.best_alone),
        "recommended": None
        if walked.recommended is None
        else {"n": walked.recommended.n, "excess": walked.recommended.excess},
        "text": walked_words(walked),
    }


def _step(found: Searched, step: Step) -> Json:
    days = found.plan.dataset.prices.sessions
    chosen = step.chosen
    return {
        "first": str(days[step.first]),
        "last": str(days[step.last]),
        "set": None if chosen is None else chosen + 1,
        "parameters": None if chosen is None else {k: plain(v) for k, v in found.trials[chosen].parameters.items()},
        "sign": step.sign,
        "n_inside": step.n_past,
        "excess_inside": known(step.inside),
        "n": step.n,
        "excess": known(step.excess),
    }


def _outside(of: Outside) -> Json:
    return {
        "n": of.n,
        "excess": of.excess,
        "p_value": of.p_value,
        "ci_low": of.low,
        "ci_high": of.high,
        "reason": of.reason,
    }


def _overfitting(of: Overfitting) -> Json:
    logits = of.logits
    counts, edges = np.histogram(logits, bins=BINS) if len(logits) else (np.zeros(0, dtype=np.int64), np.zeros(0))
    return {
        "blocks": of.blocks,
        "halves": of.halves,
        "pbo": of.pbo,
        "slope": of.slope,
        "loss": of.loss,
        "unchosen": of.unchosen,
        "untested": of.untested,
        "crossing": of.crossing,
        "reason": of.reason,
        "logits": {"edges": edges.round(6).tolist(), "counts": counts.tolist()},
        "text": overfitting_words(of),
    }


def _superior(found: Searched, of: Superior) -> Json:
    return {
        "sets": of.sets,
        "sessions": of.sessions,
        "block": of.block,
        "draws": DRAWS,
        "seed": SEED,
        "two_sided": of.two_sided,
        "p_value": of.p_value,
        "p_lower": of.lower,
        "p_upper": of.upper,
        "winners": [at + 1 for at in of.winners],
        "reason": of.reason,
        "text": superior_words(of, len(found.horizons), of_panel=found.plan.of_panel),
    }


def known(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return None if math.isnan(value) else value


def plain(value: object) -> object:
    """Return a parameter as JSON has it."""
    return value if isinstance(value, str | int | float | bool | list) else str(value)
