"""A question fixed before it is looked at, and the answer that a later look gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backtest.format import joined, parameter, period, plural, points, probability
from backtest.ledger.distinct_looks import tally_of
from backtest.ledger.looked_at import Cell, Looks, Result
from backtest.model.significance import LEVEL
from backtest.untyped import Json

FREEZE = "freeze"
Expected = Literal["positive", "negative", "either"]
WANTED = {
    "positive": "more than the base rate",
    "negative": "less than the base rate",
    "either": "more or less than the base rate",
}
SHORT = 12
"""Characters of a hash that are shown."""
FEW = 3
"""Differences that are named."""


@dataclass(frozen=True)
class Frozen:
    """A fixed question at a later look.

    Attributes
    ----------
    entry : dict
        The line of the ledger that fixed it.
    others : int
        Looks that count against it: those before it was fixed, and others that were fixed before any look.
    seen : bool
        Whether it had been looked at when it was fixed.
    result : Result or None
        What the look found; None where there was no test, or the question that was fixed is another.
    differs : tuple of str
        How the study differs from what was fixed; empty where it is the same.
    """

    entry: Json
    others: int
    seen: bool
    result: Result | None
    differs: tuple[str, ...] = ()

    @property
    def p_value(self) -> float | None:
        """The p that counts the other looks: an upper bound, Bonferroni's."""
        return None if self.result is None else min(1.0, self.result.p_value * (1 + self.others))

    @property
    def answer(self) -> bool | None:
        """Whether the rule that was fixed says yes; None without an answer."""
        if self.result is None or self.p_value is None:
            return None
        sign = {"positive": 1, "negative": -1, "either": 0}[self.entry["expect"]]
        return self.p_value <= LEVEL and sign * self.result.excess >= 0

    @property
    def sentence(self) -> str:
        """When it was fixed, what it is, and the answer."""
        entry = self.entry
        when = f"on {entry['at'][:10]}"
        if self.differs:
            return f"A question was fixed {when}, and this study is another: {joined(list(self.differs))}."
        looked = (
            "after it had been looked at"
            if self.seen
            else f"after {plural(entry['before'], 'look')} at other parameters"
            if entry["before"]
            else "before it was looked at"
        )
        rule = f"over {period(entry['horizon'])}, {WANTED[entry['expect']]}, with p at most {LEVEL:.0%}"
        if self.result is None:
            return f"This question was fixed {when}, {looked}: {rule}. No answer yet: there was no test."
        counted = f", {plural(self.others, 'other look')} counted" if self.others else ""
        found = f"{points(self.result.excess)}, p {probability(self.p_value)}{counted}"
        return (
            f"This question was fixed {when}, {looked}: {rule}. The answer: {'yes' if self.answer else 'no'} ({found})."
        )

    def to_json(self) -> Json:
        """Return it as JSON."""
        return {
            "fixed": self.entry["at"],
            "line": self.entry["line"],
            "horizon": self.entry["horizon"],
            "expect": self.entry["expect"],
            "level": self.entry["level"],
            "looks_before": self.entry["before"],
            "seen_before": self.seen,
            "other_looks": self.others,
            "p_value": self.p_value,
            "answer": self.answer,
            "differs": list(self.differs),
            "text": self.sentence,
        }


def freeze_entry(looks: Looks, cell: Cell, expect: str, before: Sequence[Json]) -> Json:
    """Return what the ledger holds of a question that is fixed.

    Parameters
    ----------
    looks : Looks
        What would be looked at; it has no result.
    cell : tuple
        The one look that gives the answer.
    expect : str
        What would count as yes: ``"positive"``, ``"negative"`` or ``"either"``.
    before : sequence of dict
        The lines about the question so far.
    """
    tally = tally_of(before)
    return {
        "kind": FREEZE,
        "strategy": looks.strategy,
        "dataset": looks.dataset,
        "data_sha256": looks.sha256,
        "set": cell[0],
        "horizon": cell[1],
        "expect": expect,
        "level": LEVEL,
        "before": tally.total,
        "seen": tally.holds(looks.sha256, cell),
        "parameters": looks.parameters,
    }


def frozen_at(lines: Sequence[Json], looks: Looks) -> list[Frozen]:
    """Return the fixed questions that looks answer or, if they answer none, how they differ from the latest.

    Parameters
    ----------
    lines : sequence of dict
        The lines about the question.
    looks : Looks
        The looks, with their results.
    """
    if looks.kind == "tune":  # which judges a grid, and no single set
        return []
    fixed = {(entry["data_sha256"], _cell(entry)): entry for entry in lines if entry["kind"] == FREEZE}
    own = [entry for (data, cell), entry in fixed.items() if data == looks.sha256 and cell[0] in looks.hashes]
    answered = [
        Frozen(entry, entry["before"] + len(fixed) - 1, entry["seen"], looks.results.get(_cell(entry)))
        for entry in sorted(own, key=lambda entry: entry["line"])
    ]
    if answered or not fixed or looks.kind != "run":
        return answered
    latest = max(fixed.values(), key=lambda entry: entry["line"])
    return [Frozen(latest, latest["before"], latest["seen"], None, _differences(latest, looks))]


def _cell(entry: Json) -> Cell:
    return entry["set"], entry["horizon"]


def _differences(entry: Json, looks: Looks) -> tuple[str, ...]:
    """Say how a study differs from what was fixed."""
    then, now = entry["parameters"], looks.parameters
    keys = [key for key in dict.fromkeys((*then, *now)) if then.get(key) != now.get(key)]
    found = [f"{key} was {parameter(then.get(key))}, not {parameter(now.get(key))}" for key in keys[:FEW]]
    found += [f"{plural(len(keys) - FEW, 'further parameter')}"] if len(keys) > FEW else []
    if entry["data_sha256"] != looks.sha256:
        found.append(f"the data have changed (sha256 {entry['data_sha256'][:SHORT]}, now {looks.sha256[:SHORT]})")
    return tuple(found) or ("your own Python or files have changed",)
