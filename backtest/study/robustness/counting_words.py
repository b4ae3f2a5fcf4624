"""How many events there really are, in a sentence that a reader repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backtest.format import count, length, outcome, plural, share
from backtest.model import Horizon
from backtest.study.robustness.counting_rules import RuleCounts

MATERIAL = 1 / 3
"""Share of events that must fall away, or of mean or excess by which the mean must move, for the sentence to stand."""


@dataclass(frozen=True)
class _Cell:
    """One counting rule at one horizon."""

    rule: str
    events: int
    n: int
    mean: float
    hit_rate: float
    base_mean: float

    def materially_above(self, fewer: _Cell) -> bool:
        """Return whether a rule that counts fewer says something else: in number, or in its mean without overlap."""
        size = max(abs(self.mean), abs(self.mean - self.base_mean))
        moved = fewer.rule == "apart" and abs(fewer.mean - self.mean) >= MATERIAL * size
        return moved or fewer.n <= (1 - MATERIAL) * self.n


def counting_sentence(counts: RuleCounts, column: int) -> str:
    """Say how many events are left of all sessions once their windows do not overlap, and what becomes of the mean.

    Parameters
    ----------
    counts : RuleCounts
        What each rule gives.
    column : int
        Which horizon.

    Returns
    -------
    str
        Empty where the strategy dates events to another session than the trigger, where nothing is counted, or where
        neither number nor mean changes materially.
    """
    if counts.rules[0].day0 != "trigger":
        return ""
    cells = _falling(counts, column)
    if len(cells) < 2 or not cells[0].materially_above(cells[-1]):
        return ""
    word = counts.measured.word
    most, least = cells[0], cells[-1]
    before, after = share(most.hit_rate), share(least.hit_rate)
    hits = f"hits stay at {after}" if before == after else f"hits of {before} become {after}"
    return (
        f"{_counted(cells, counts.horizons[column])}: over {counts.horizons[column].words}, a mean of "
        f"{outcome(most.mean, word)} becomes {outcome(least.mean, word)}, and {hits}."
    )


def _falling(counts: RuleCounts, column: int) -> list[_Cell]:
    """Return every session, the strategy's own events and those whose windows do not overlap, if each are fewer."""
    found = {
        rule.key: _Cell(
            rule.key,
            *(int(values[row, column]) for values in (counts.events, counts.n)),
            *(float(values[row, column]) for values in (counts.mean, counts.hit_rate, counts.base_mean)),
        )
        for row, rule in enumerate(counts.rules)
        if rule.key in ("every", "own", "apart") and counts.n[row, column]
    }
    if "own" not in found:
        return []
    own, every, apart = found["own"], found.get("every"), found.get("apart")
    more = [every] if every and every.n > own.n else []
    fewer = [apart] if apart and apart.n < own.n else []
    return [*more, own, *fewer]


def _counted(cells: Sequence[_Cell], horizon: Horizon) -> str:
    """Write the counts, the greatest first."""
    most, least = cells[0], cells[-1]
    whole = "" if all(cell.n == cell.events for cell in cells) else " with a complete window"
    met = f"{plural(most.n, 'session')}{whole} on which the condition is met"
    events = plural(next(cell.n for cell in cells if cell.rule == "own"), "event")
    if least.rule == "own":
        return f"The {met} are {events}"
    about = "" if horizon.word else length(horizon.sessions)
    about = f" ({about})" if about.startswith("about") else ""
    apart = f"{count(least.n)} {'lie' if least.n > 1 else 'lies'} more than {horizon.words}{about} apart"
    if most.rule == "own":
        return f"Of the {events}{whole}, only {apart}"
    return f"The {met} are {events}, and only {apart}"
