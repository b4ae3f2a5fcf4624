"""The claims of strategies, judged on one dataset, and their page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from backtest._version import __version__
from backtest.claims.export import claim_json
from backtest.claims.judge import JudgeContext, judge
from backtest.claims.judged import JudgedClaim, not_checked
from backtest.claims.sample_facts import pins_of
from backtest.data.store.read import load_dataset
from backtest.errors import BacktestError, StrategyInvalid, StudyRefused
from backtest.files import write_page
from backtest.model import Dataset, Note
from backtest.plan import plan_on
from backtest.spec.strategy import load_strategy
from backtest.study.study import Study
from backtest.untyped import Json
from backtest.workspace import Workspace

SCHEMA = 1


def claims_json(
    workspace: Workspace, names: Sequence[str], dataset: str, looked: Callable[[Study], object] | None = None
) -> Json:
    """Judge the claims of strategies.

    Parameters
    ----------
    workspace : Workspace
        Where names are looked up.
    names : sequence of str
        Strategies; if empty, all that have a claim.
    dataset : str
        The dataset that checks them.
    looked : callable, optional
        Called with each study that answers an open claim, before anybody sees it.

    Raises
    ------
    StudyRefused
        A named strategy has no claim or is named twice, or no strategy has a claim.
    BacktestError
        A named strategy cannot be used, or its claim needs something that it does not have. One that is not named is
        listed with the reason.
    """
    chosen, notes = _chosen(workspace, names)
    folder = workspace.dataset(dataset)
    data = load_dataset(folder)
    pins = pins_of(folder, data.name) if data.synthetic else None
    judged = [
        claim for name in chosen for claim in _judged(workspace, data, name, JudgeContext(pins), named=bool(names))
    ]
    for study in (one.study for one in judged if one.study is not None):
        if looked is not None:
            looked(study)
    cautions = dict.fromkeys((one.strategy, text) for one in judged for text in one.cautions)
    notes += [Note("caution", about, text) for about, text in cautions]
    created = dt.datetime.now(dt.UTC).replace(microsecond=0)
    if data.synthetic:
        text = (
            "Data are simulated. Only figures pinned to public facts are judged: the runs of five sessions at +1% and "
            "the changes within them, and changes from year-end to year-end. Nothing else can be checked."
        )
        notes.insert(0, Note("simulated", "dataset", text))
    return {
        "schema": SCHEMA,
        "created": created.isoformat().replace("+00:00", "Z"),
        "version": __version__,
        "dataset": {"name": data.name, "title": data.title, "sha256": data.sha256, "synthetic": data.synthetic},
        "claims": [claim_json(one) for one in sorted(judged, key=_number)],
        "notes": [note.to_json() for note in notes],
    }


def record_claims(workspace: Workspace, content: Json) -> Path:
    """Write the page of judged claims under ``reports/claims/``; return its path."""
    from backtest.report.pages.claims.page import claims_page

    stamp = content["created"].replace("-", "").replace(":", "")
    name = f"{stamp}-{content['dataset']['name']}"
    path, number = workspace.reports / "claims" / f"{name}.html", 1
    while path.exists():
        number += 1
        path = path.with_name(f"{name}-{number}.html")
    write_page(path, claims_page(content))
    return path


def _judged(workspace: Workspace, data: Dataset, name: str, context: JudgeContext, *, named: bool) -> list[JudgedClaim]:
    """Judge the claims of one strategy; one that cannot be used is refused if it was named, and listed if not."""
    strategy = load_strategy(workspace.strategy(name))
    found = []
    for claim in strategy.claim:
        try:
            found.append(judge(claim, plan_on(data, workspace, name), context))
        except BacktestError as error:
            if named:
                raise
            found.append(not_checked(claim, strategy.name, str(error)))
    return found


def _number(judged: JudgedClaim) -> float:
    return float("inf") if judged.claim.number is None else judged.claim.number


def _chosen(workspace: Workspace, names: Sequence[str]) -> tuple[list[str], list[Note]]:
    twice = next((name for name in names if list(names).count(name) > 1), None)
    if twice is not None:
        raise StudyRefused(f"'{twice}' is named twice.", "Name each strategy once.")
    for name in names:
        if not load_strategy(workspace.strategy(name)).claim:
            raise StudyRefused(f"strategy '{name}' has no [claim].", "Write down what was said; see docs/claims.md.")
    if names:
        return list(names), []
    found, notes = [], []
    for name, path in workspace.strategies().items():
        try:
            found += [name] if load_strategy(path).claim else []
        except StrategyInvalid as error:
            notes.append(Note("left_out", name, f"Left out, because it cannot be used: {error.message}"))
    if not found:
        raise StudyRefused("no strategy here has a [claim].", "Write down what was said; see docs/claims.md.")
    return found, notes
