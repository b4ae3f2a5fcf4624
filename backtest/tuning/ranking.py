"""The result of a search: the order of its sets, the looks that survive adjustment, and the headline."""

from __future__ import annotations

import numpy as np

from backtest.format import objective_words, period, plural, points, settings_inline, share_of_cases
from backtest.model import Ints
from backtest.model.significance import stands_out
from backtest.tuning.scores import goodness
from backtest.tuning.searched import Searched

Look = tuple[int, int]
"""A set and a horizon, by position."""


def looks(found: Searched) -> int:
    """Count the looks: sets times horizons with at least one complete window."""
    return int(np.isfinite(found.p_value).sum())


def order_of(found: Searched, objective: str, column: int) -> Ints:
    """Return the positions of the sets at one horizon, the best by the objective first.

    The lowest ``p_adjusted`` is best; for other objectives, the highest value. Ties go to the lower own p, then to the
    set tried first. Sets without an answer come last.
    """
    values = goodness(found, objective, column)
    keys = [np.arange(len(values)), found.p_value[:, column], -values]
    return np.lexsort([np.where(np.isnan(key), np.inf, key) for key in keys])


def best_set(found: Searched, objective: str, column: int) -> int | None:
    """Return the position of the best set at one horizon; None if no set has an event with a complete window."""
    first = int(order_of(found, objective, column)[0])
    return first if np.isfinite(goodness(found, objective, column)[first]) else None


def remarkable(found: Searched) -> list[Look]:
    """Return all looks, the most remarkable first: by adjusted p, then own p, then in order of trial."""
    rows, columns = np.nonzero(np.isfinite(found.p_adjusted))
    order = np.lexsort((columns, rows, found.p_value[rows, columns], found.p_adjusted[rows, columns]))
    return list(zip(rows[order].tolist(), columns[order].tolist(), strict=True))


def survivors(found: Searched) -> list[Look]:
    """Return the looks whose adjusted p is significant and that hold, the most remarkable first."""
    return [look for look in _standing_out(found) if look not in found.doubts]


def doubted(found: Searched) -> list[Look]:
    """Return the looks whose adjusted p stands out and that do not hold, the most remarkable first."""
    return [look for look in _standing_out(found) if look in found.doubts]


def _standing_out(found: Searched) -> list[Look]:
    return [look for look in remarkable(found) if stands_out(float(found.p_adjusted[look]))]


def verdict(found: Searched, objective: str, column: int) -> str:
    """Return, in words, which looks of the grid survive, and how the best set at the chosen horizon does."""
    ranked, alive, best = remarkable(found), survivors(found), best_set(found, objective, column)
    if not ranked:
        return "Too little to judge: no parameter set gives an event with a complete window."
    lead = alive[0] if alive else ranked[0]
    first = _look_words(found, lead)
    fallen = doubted(found)
    if not alive and fallen:
        text = f"Stands out by p alone: {first}; but {found.doubts[fallen[0]]}."
    elif not alive:
        text = f"Consistent with what a search of this size finds in noise. The most remarkable look: {first}."
    elif len(alive) == 1:
        text = f"Survives having been searched for: {first}."
    else:
        text = (
            f"{len(alive):,} of {looks(found):,} looks survive having been searched for. The most remarkable: {first}."
        )
    if alive and fallen:
        several = len(fallen) > 1
        text += (
            f" {plural(len(fallen), 'other look')} {'stand' if several else 'stands'} out by p alone and "
            f"{'do' if several else 'does'} not hold: {'in the first, ' if several else ''}{found.doubts[fallen[0]]}."
        )
    over = period(found.horizons[column])
    if best is None:
        return f"{text} Over {over} no parameter set has an event with a complete window."
    if (best, column) == lead:
        return text
    fate = f" It {'survives too' if (best, column) in alive else 'does not survive'}." if alive else ""
    return f"{text} By {objective_words(objective)} over {over} the best: {_look_words(found, (best, column))}.{fate}"


def _look_words(found: Searched, look: Look) -> str:
    row, column = look
    excess = points(float(found.excess[look])).removesuffix(" pp")
    n = looks(found)
    counted = "its one look" if n == 1 else f"all {n:,} looks"
    return (
        f"set {row + 1} ({settings_inline(found.trials[row].parameters)}) gives {excess} points over "
        f"{period(found.horizons[column])} beyond the base rate (n = {found.n[look]:,}); taken alone, chance "
        f"gives as much in {share_of_cases(float(found.p_value[look]))} of cases, with {counted} counted in "
        f"{share_of_cases(float(found.p_adjusted[look]))}"
    )
