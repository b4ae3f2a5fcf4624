"""A run of somebody's own Python is sampled for look-ahead before it is run, once for each state of the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backtest.detect.tree import singles
from backtest.errors import LooksAhead
from backtest.plan import Plan
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.lookahead.audit import Judged


@dataclass(frozen=True)
class Passed:
    """What the sample found of a study that may be run.

    Attributes
    ----------
    lookahead : dict or None
        The leak that was allowed, for ``run.json``; None where none was found.
    notes : tuple of dict
        What a reader of the run must know.
    """

    lookahead: dict[str, Any] | None = None
    notes: tuple[dict[str, str], ...] = ()

    def mark(self, summary: dict[str, Any]) -> dict[str, Any]:
        """Return the summary of a study or a search with what was found in it."""
        return {**summary, "lookahead": self.lookahead, "notes": [*self.notes, *summary["notes"]]}


def guard(workspace: Workspace, plan: Plan, *, allow: bool = False) -> Passed:
    """Refuse a study whose own Python looks ahead, as far as a sample of histories shows.

    Only detectors in a file beside the strategy are sampled; those built in are proven by the tests. What was found
    is kept, and valid until one of the ``.py`` files beside the strategy or in a folder below, a parameter, a file
    that a parameter names or the data change. A file that the detector finds by itself is not seen to change.

    Parameters
    ----------
    workspace : Workspace
        Where what was found is kept.
    plan : Plan
        The study.
    allow : bool
        Let a study that looks ahead pass; what is returned marks it.

    Raises
    ------
    LooksAhead
        It looks ahead, and that is not allowed.
    """
    own = [one for one in singles(plan.recipe) if one.use.endswith(".py")]
    if not own:
        return Passed()
    from backtest.lookahead.sample import sampled  # most runs have no Python of their own, and wait for no import

    judged = [sampled(workspace, plan, one) for one in own]
    notes = tuple(_notes(judged))
    leaking = next((one for one in judged if one.leak is not None), None)
    if leaking is None or leaking.leak is None:
        return Passed(None, notes)
    leak, name = leaking.leak, plan.strategy.name
    text = f"{leaking.key} ({leaking.use}) looks ahead: {leak.text}."
    if not allow:
        hint = f"Mend it: 'backtest audit {name}' says more. With --allow-lookahead it runs, and the report says so."
        raise LooksAhead(f"{plan.strategy.place} on {plan.dataset.name}: {text}", hint)
    found = {"allowed": True, "session": leak.session, "series": list(leak.series), "text": text}
    return Passed(
        found, ({"about": "look-ahead", "text": f"{text} Nobody could have known these events then."}, *notes)
    )


def _notes(judged: list[Judged]) -> Iterator[dict[str, str]]:
    for one in judged:
        for finding in one.findings:
            if finding.kind == "not repeatable" or (finding.kind == "fails" and not one.clean):
                text = f"{one.key} ({one.use}) could not be sampled for look-ahead: {finding.text}."
                yield {"about": "look-ahead", "text": text}
