"""Write the recommended set of a search as a strategy of its own, which says where it came from."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from backtest.errors import StrategyInvalid, StudyRefused
from backtest.files import create_file
from backtest.format import settings_inline
from backtest.plan import Plan
from backtest.spec.rewriting import rewritten
from backtest.spec.strategy import Strategy, strategy_of_text
from backtest.tuning.evidence_of_search import Evidence
from backtest.tuning.ranking import looks
from backtest.tuning.searched import Searched
from backtest.workspace import Workspace

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
REPLACED = ("claim", "origin")
"""Tables of the old file that the new one does not take over."""


def path_for(workspace: Workspace, found_in: Path, name: str) -> Path:
    """Return where a new strategy goes: beside the one it came from, where its detector in Python lies, too.

    Raises
    ------
    StrategyInvalid
        The name is no name of a file, or a strategy has it.
    """
    if not NAME.fullmatch(name):
        raise StrategyInvalid(f"--apply {name}: not a name.", "Use up to 64 letters, digits, '-' and '_'.")
    taken = workspace.strategies().get(name)
    if taken is not None:
        raise _taken(name, taken)
    inside = workspace.root in found_in.resolve().parents
    return (found_in.parent if inside else workspace.root / "strategies") / f"{name}.toml"


def refuse_unwritable(plan: Plan, keys: Iterable[str], target: Path) -> None:
    """Refuse before a search what `apply_set` would refuse whatever set is recommended.

    Parameters
    ----------
    plan : Plan
        The study.
    keys : iterable of str
        The parameters that are varied.
    target : Path
        As `path_for` gives it.

    Raises
    ------
    StudyRefused
        The strategy has no file, or the folder cannot be written.
    StrategyInvalid
        The file cannot be rewritten.
    """
    folder = next(one for one in target.parents if one.exists())
    if not os.access(folder, os.W_OK):
        raise StudyRefused(f"--apply {target.stem}: {folder} cannot be written.", "Check its permissions.")
    rewritten(_text_of(plan.strategy), {**plan.overrides, **dict.fromkeys(keys, 0)}, REPLACED)


def _text_of(strategy: Strategy) -> str:
    if strategy.text is None:
        raise StudyRefused("--apply: the strategy has no file.", "Write one, or take the set by hand.")
    return strategy.text


def apply_set(found: Searched, of: Evidence, search: str, target: Path) -> None:
    """Write the recommended set as a strategy file; comments stay, claims about the former values do not.

    Parameters
    ----------
    found : Search
        The search.
    of : Evidence
        What it recommends.
    search : str
        The identifier of its record.
    target : Path
        As `path_for` gives it.

    Raises
    ------
    StudyRefused
        No set is recommended.
    StrategyInvalid
        The file cannot be rewritten, or another was written there meanwhile.
    """
    strategy, taken = found.plan.strategy, of.recommended
    if taken is None:
        raise StudyRefused(
            "--apply: no set has enough events.", "Widen the grid, or copy the file and change it by hand."
        )
    chosen = found.trials[taken.chosen].parameters
    values = {**found.plan.overrides, **chosen}
    title = f"{strategy.title} (tuned: {settings_inline(chosen)})"
    origin = _origin(found, of, search)
    of_set = {
        "title": title if len(title) <= 300 else f"{strategy.name}, tuned"[:300],
        "question": f"Does what a search of {len(found.trials):,} sets of {strategy.name} chose hold on other data?",
        **values,
        **{f"origin.{key}": value for key, value in origin.items() if value is not None},
    }
    text = rewritten(_text_of(strategy), of_set, REPLACED)
    strategy_of_text(text, target)
    try:
        create_file(target, text)
    except FileExistsError as error:  # since `path_for` looked
        raise _taken(target.stem, target) from error


def _taken(name: str, path: Path) -> StrategyInvalid:
    return StrategyInvalid(f"--apply {name}: {path} exists and is not overwritten.", "Choose another name.")


def _origin(found: Searched, of: Evidence, search: str) -> Mapping[str, Any]:
    assert of.recommended is not None
    at = of.recommended.chosen
    p = float(found.p_adjusted[at, of.column])
    return {
        "strategy": found.plan.strategy.name,
        "dataset": found.plan.dataset.name,
        "search": search,
        "set": at + 1,
        "sets": len(found.trials),
        "looks": looks(found),
        "horizon": found.horizons[of.column],
        "p_adjusted": None if math.isnan(p) else round(p, 6),
        "on": dt.datetime.now(dt.UTC).date(),
        "holdout": of.holdout,
    }
