"""Influence in words: one plain sentence per horizon, consistent with the numbers beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.format import plural, points, probability
from backtest.model import Horizon
from backtest.model.significance import stands_out
from backtest.study.robustness.influence import DUST, Influence, LeftOut, Unit, sign
from backtest.study.robustness.parts import Part, disagree

HUNDREDTH = 1e-4
"""A hundredth of a percentage point, as a fraction."""
MOST_DIGITS = 12
NAMED: dict[Unit, str] = {
    "event": "the event of {}",
    "year": "{} ({})",
    "decade": "the {} ({})",
    "date": "{} ({})",
    "asset": "{} ({})",
}


def influence_sentence(influence: Influence, column: int) -> str:
    """Say whether the sign of the excess depends on one event, year or decade (of a panel: date, asset or year).

    Parameters
    ----------
    influence : Influence
        As `influence_of` gives it.
    column : int
        Which horizon.

    Returns
    -------
    str
        Empty if no event has a complete window, or if the excess is zero and has no sign to lose.
    """
    over = f"over {influence.horizons[column].words}"
    if influence.n[column] == 1:
        return (
            "There is only one event." if influence.n_events == 1 else f"Only one event has a complete window {over}."
        )
    if influence.n[column] == 0 or sign(influence.excess)[column] == 0:
        return ""
    for left in influence.left_out:
        if left.changes_sign[:, column].any():
            return _changes(left, column, over)
    return _stays(influence, column, over)


def parts_sentence(parts: Sequence[Part], column: int, horizon: Horizon, what: str) -> str:
    """Say whether the parts of the sample agree in the sign of their excess.

    Parameters
    ----------
    parts : sequence of Part
        As `halves_of` or `sides_of_seams` gives them.
    column : int
        The position of the horizon.
    horizon : Horizon
        The horizon itself.
    what : str
        What the parts are, in the plural: ``"The halves of the sample"``, ``"The sides of the seam"``.

    Returns
    -------
    str
        Empty where there is nothing to compare: fewer than two parts, no event with a complete window, or no sign.
    """
    held = [i for i, part in enumerate(parts) if np.isfinite(part.excess[column])]
    if (
        len(parts) < 2
        or not held
        or (len(held) > 1 and not sign(np.array([parts[i].excess[column] for i in held])).any())
    ):
        return ""
    over = f"over {horizon.words}"
    named = [_when(parts, i) for i in held]
    counted = [int(parts[i].n[column]) for i in held]
    if len(held) == 1:
        which = {1: "The only event", 2: "Both events"}.get(counted[0], f"All {counted[0]:,} events")
        return f"{which} with a complete window {over} {'lies' if counted[0] == 1 else 'lie'} {named[0]}."
    told = ", ".join(
        f"{_signed(parts[i].excess[column])} {when} ({plural(n, 'event')})"
        for i, when, n in zip(held, named, counted, strict=True)
    )
    verb = "disagree" if disagree(parts)[column] else "agree"
    return f"{what} {verb} in the sign of the excess {over}: {told}, in points, each against its own base rate."


def _changes(left: LeftOut, column: int, over: str) -> str:
    rows = np.flatnonzero(left.changes_sign[:, column])
    row = int(rows[np.abs(left.excess[rows, column] - left.whole[column]).argmax()])
    before, after = _told_apart(left.whole[column], left.excess[row, column])
    name = _name(left, row, column)
    if not after.strip("+−0."):
        after = _signed(left.excess[row, column])  # that rounds to zero, and has a sign
    if sign(left.excess)[row, column] == 0:
        text = f"Without {name} the excess {over} {_way(left.whole[column], 0.0)} from {before} points to zero"
    else:
        text = f"Without {name} the sign of the excess {over} changes, from {before} to {after} points"
    others = len(rows) - 1
    also = f"; the same holds for {plural(others, f'other {left.unit}')}" if others else ""
    return f"{text}{also}."


def _stays(influence: Influence, column: int, over: str) -> str:
    named = next((left for left in influence.left_out if left.counts[:, column].any()), None)
    if named is None:
        return ""
    row = int(named.most[column])
    whole, without = float(influence.excess[column]), float(named.excess[row, column])
    units = [left.unit for left in influence.left_out if (left.counts | (left.out == 0))[:, column].all()]
    text = f"No single {_either(units)} changes the sign; "
    if abs(without - whole) < HUNDREDTH:
        row = -1
        text += f"each {named.unit} moves the excess {over} by less than 0.01 points"
    else:
        before, after = _told_apart(whole, without)
        way = _way(whole, without)
        text += f"without {_name(named, row, column)} the excess {over} {way} from {before} to {after} points"
    return f"{text}{_p_lost(influence, column, named, row)}."


def _p_lost(influence: Influence, column: int, named: LeftOut, at: int) -> str:
    """Add without which event, or else year or decade, the p stands out no more; row `at` of `named` was just named."""
    whole = float(influence.p_value[column])
    if not stands_out(whole):
        return ""
    for left in influence.left_out:
        row = int(np.nan_to_num(left.p_value[:, column], nan=-1.0).argmax())
        without = float(left.p_value[row, column])
        if np.isfinite(without) and not stands_out(without):
            who = ", and" if left is named and row == at else f"; without {_name(left, row, column)}"
            return f"{who} its own p rises from {probability(whole)} to {probability(without)}"
    return ""


def _way(before: float, after: float) -> str:
    """Say whether an effect is stronger or weaker, in either direction."""
    return "shrinks" if abs(after) < abs(before) else "grows"


def _told_apart(one: float, other: float) -> tuple[str, str]:
    """Write two fractions in points, with two digits or as many as it takes to distinguish them."""
    for digits in range(2, MOST_DIGITS):
        texts = _points(one, digits), _points(other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def _signed(value: float) -> str:
    """Write a fraction in points, with two digits or as many as it takes to show its sign."""
    return _told_apart(value, 0.0)[0] if abs(value) > DUST else _points(0.0, 2)


def _points(value: float, digits: int) -> str:
    return points(value, digits).removesuffix(" pp")


def _name(left: LeftOut, row: int, column: int) -> str:
    return NAMED[left.unit].format(left.labels[row], plural(int(left.out[row, column]), "event"))


def _either(units: Sequence[str]) -> str:
    return units[0] if len(units) == 1 else f"{', '.join(units[:-1])} or {units[-1]}"


def _when(parts: Sequence[Part], at: int) -> str:
    """Say when a part is: the first needs no beginning, and the last no end."""
    if at == 0:
        return f"before {parts[1].first}"
    if at == len(parts) - 1:
        return f"from {parts[at].first} on"
    return f"from {parts[at].first} to {parts[at].last}"
