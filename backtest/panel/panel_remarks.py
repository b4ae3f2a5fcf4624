"""What a reader must know beside one horizon of a study on a panel: why it may not hold, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.format import plural
from backtest.inference.opinions.disagreement import disagreement
from backtest.inference.opinions.opinion import Opinion
from backtest.inference.result import HorizonResult
from backtest.panel.panel_inference import PanelInference
from backtest.panel.panel_robustness import PanelRobustness
from backtest.study.robustness.doubt import doubt_of_halves, doubt_of_near
from backtest.study.robustness.influence import LeftOut
from backtest.study.robustness.influence_words import influence_sentence, parts_sentence
from backtest.study.robustness.sentences import kept_sentence, matched_sentence

FEW_DATES = 2
"""Events on so few dates are so few observations, however many assets they are on."""


def doubt_on_panel(
    found: PanelRobustness | None,
    inference: PanelInference,
    result: HorizonResult,
    dates: int,
    column: int,
    n_events: int,
) -> str:
    """Say why a look that stands out does not hold.

    Parameters
    ----------
    found : PanelRobustness or None
        What the finding rests on; None where nobody looked.
    inference : PanelInference
        Of the study.
    result : HorizonResult
        The look.
    dates : int
        Different day 0 of the events with a complete window.
    column : int
        Which horizon.
    n_events : int
        Events of the study.

    Returns
    -------
    str
        A clause; empty if the look holds.
    """
    if dates <= FEW_DATES:
        lie = "the only event lies" if result.n == 1 else f"its {result.n:,} events lie"
        return f"{lie} on {plural(dates, 'date')}: a date counts once, however many assets had an event on it"
    if 2 * result.n < n_events:
        return f"only {result.n:,} of {n_events:,} events have a complete window"
    look = inference.shifts[column]
    shifts = np.zeros(0) if look is None else np.nan_to_num(look.statistic)
    near = doubt_of_near(shifts, result.horizon.sessions)
    if found is None:
        return near
    if len(found.halves) < 2:
        return ""
    halves = np.array([half.excess[column] for half in found.halves])
    first, second = (float(scale[column]) for scale in found.scales)
    return doubt_of_halves(halves, (first, second), result.n) or _concentrated(found.influence.left_out, column) or near


def _concentrated(left_out: Sequence[LeftOut], column: int) -> str:
    """Say that the sign rests on one date or one asset."""
    for left in left_out:
        rows = np.flatnonzero(left.changes_sign[:, column])
        if left.unit in ("date", "asset") and len(rows):
            row = int(rows[np.abs(left.excess[rows, column] - left.whole[column]).argmax()])
            events = plural(int(left.out[row, column]), "event")
            return f"its sign rests on one {left.unit}: without {left.labels[row]} ({events}) it changes"
    return ""


def remarks_on_panel(
    found: PanelRobustness | None, opinions: Sequence[Opinion], result: HorizonResult, column: int
) -> dict[str, str]:
    """Say what the finding at one horizon rests on; sentences by code, without those that have nothing to say."""
    sentences = {
        "kept": kept_sentence(result, "asset-sessions"),
        "opinions": disagreement(result.null_test.p_value, opinions, 1.0),
    }
    if found is not None:
        sentences = {
            "influence": influence_sentence(found.influence, column),
            "halves": parts_sentence(found.halves, column, result.horizon, "The halves of the sample"),
            **sentences,
            "matched": matched_sentence(result, found.matched, column),
        }
    return {code: text for code, text in sentences.items() if text}
