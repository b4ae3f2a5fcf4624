"""The look-ahead guard: a user's detector is sampled before it runs, once for each state of its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backtest.detect.tree import singles
from backtest.errors import LooksAhead
from backtest.model import Lookahead, Note
from backtest.plan import Plan

if TYPE_CHECKING:
    from backtest.lookahead.audited import AuditedCondition


@dataclass(frozen=True)
class Passed:
    """What the guard found on a study that may run.

    Attributes
    ----------
    lookahead : Lookahead or None
        The leak that was allowed; None if none was found.
    notes : tuple of Note
        What a reader of the run must know.
    """

    lookahead: Lookahead | None = None
    notes: tuple[Note, ...] = ()


def guard(plan: Plan, *, allow: bool = False) -> Passed:
    """Refuse a study whose own Python looks ahead, as far as a sample of histories shows.

    Only detectors in a file beside the strategy are sampled; tests cover the built-in ones. The result is stored. It is
    valid until a ``.py`` file beside the strategy or below, a parameter, a file that a parameter names, or the data
    change. A change of a file that the detector finds by itself goes unnoticed.

    Parameters
    ----------
    plan : Plan
        The study; the result is stored in its workspace, if it has one.
    allow : bool
        Let a study that looks ahead pass; the returned value marks it.

    Raises
    ------
    LooksAhead
        It looks ahead, and that is not allowed.
    """
    own = [one for one in singles(plan.recipe) if one.detector.own]
    if not own:
        return Passed()
    from backtest.lookahead.sample import audit_sample  # most runs have no user Python and need no import

    judged = [audit_sample(plan, one) for one in own]
    notes = tuple(_notes(judged))
    leaking = next((one for one in judged if one.leak is not None), None)
    if leaking is None or leaking.leak is None:
        return Passed(None, notes)
    leak, name = leaking.leak, plan.strategy.name
    text = f"{leaking.key} ({leaking.use}) looks ahead: {leak.text}."
    if not allow:
        hint = f"Fix it: 'backtest audit {name}' says more. With --allow-lookahead it runs, and the report says so."
        raise LooksAhead(text, hint).at(f"{plan.strategy.place} on {plan.dataset.name}")
    said = Note("looks_ahead", "look-ahead", f"{text} Nobody could have known these events then.")
    return Passed(Lookahead(leak.session, leak.series, text), (said, *notes))


def _notes(judged: list[AuditedCondition]) -> Iterator[Note]:
    for one in judged:
        for finding in one.findings:
            if finding.kind == "not repeatable" or (finding.kind == "fails" and not one.clean):
                text = f"{one.key} ({one.use}) could not be sampled for look-ahead: {finding.text}."
                yield Note("not_sampled", "look-ahead", text)
