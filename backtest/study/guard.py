"""A run of somebody's own Python is sampled for look-ahead before it is run, once for each state of the files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from backtest.detect.recipe import Single, singles
from backtest.errors import BacktestError, LooksAhead
from backtest.study.anew import anew
from backtest.study.cuts import SAMPLE
from backtest.study.index import write_page
from backtest.study.lookahead import Judged, audit
from backtest.study.plan import Plan, placed
from backtest.study.result import Study
from backtest.workspace import Workspace

FOLDER = ".audit"
"""Under ``reports/``: what was found, one file for each state of detector, parameters and data."""


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

    def mark_study(self, study: Study) -> Study:
        """Return a study whose summary says what was found."""
        return replace(study, summary=self.mark(study.summary))


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
    judged = [_judged(workspace, plan, one) for one in own]
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


def _judged(workspace: Workspace, plan: Plan, one: Single) -> Judged:
    digest = _digest(plan, one)
    path = workspace.reports / FOLDER / f"{digest}.json"
    kept = _read(path)
    if kept is not None:
        return kept
    with placed(plan):
        # A copy of its own, executed anew: what it may remember of other histories stays out of the run.
        judged = audit(anew(one), plan.dataset.prices, SAMPLE, seed_of(plan))[0]
    with suppress(BacktestError):  # nowhere to keep it: the next run asks again
        write_page(path, json.dumps(asdict(judged), indent=2) + "\n")
    return judged


def _read(path: Path) -> Judged | None:
    """Read what was found before; whatever is damaged was never found."""
    try:
        return TypeAdapter(Judged).validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None


def _digest(plan: Plan, one: Single) -> str:
    """Hash all that the answer hangs on, as far as it can be known."""
    folder = plan.strategy.path.parent
    named = [folder / value for value in one.values.values() if isinstance(value, str)]
    content = {str(path): _sha256(path) for path in sorted({*_python(folder), *named})}
    asked = [one.key, one.use, one.values, plan.dataset.sha256, asdict(SAMPLE), version("episode-backtest")]
    return hashlib.sha256(json.dumps([asked, content], sort_keys=True, default=str).encode()).hexdigest()


def _python(folder: Path) -> Iterator[Path]:
    """Find all Python in a folder and below, hidden folders and virtual environments left out."""
    for place, below, files in os.walk(folder):
        if "pyvenv.cfg" in files:
            below.clear()
            continue
        below[:] = [name for name in below if not name.startswith(".")]
        yield from (Path(place) / name for name in files if name.endswith(".py"))


def _sha256(path: Path) -> str | None:
    """Hash a file; None where a text names none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None


def seed_of(plan: Plan) -> int:
    """Return a seed that the strategy and the data give, so that the same sessions are drawn again."""
    content = json.dumps([plan.strategy.name, plan.parameters, plan.dataset.sha256], sort_keys=True, default=str)
    return int(hashlib.sha256(content.encode()).hexdigest()[:8], 16)
