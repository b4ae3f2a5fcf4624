"""A study made again from its record alone: the strategy's text, what was set, the data that it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backtest.errors import RunUnreadable, StudyRefused
from backtest.model import Dataset
from backtest.panel.panel_run import PanelRun, run_either
from backtest.plan import Plan
from backtest.spec.overrides import parse_setting
from backtest.spec.strategy import Strategy, parse_strategy, strategy_of_text
from backtest.study.study import Study
from backtest.untyped import Json, Parameters
from backtest.workspace import Workspace

DATES = ("episodes.since", "episodes.until")
"""Parameters that a record holds as ISO strings and a strategy as dates."""


def plan_again(workspace: Workspace, run: Json, data: Dataset) -> Plan:
    """Make the plan of a recorded run.

    Parameters
    ----------
    workspace : Workspace
        Where the user's own Python is looked up: beside the strategy's file, if it is still there.
    run : dict
        The content of ``run.json``; one of an earlier version has no text, and its parameters are taken.
    data : Dataset
        The data.

    Raises
    ------
    StudyRefused
        A detector was given as a Python function, which no record holds.
    BacktestError
        The strategy is refused, or its own Python is missing.
    """
    source = run.get("source") or {}
    if source.get("functions"):
        names = ", ".join(source["functions"])
        raise StudyRefused(
            f"its detector was given as a Python function ({names}), which no record holds.",
            "Write it into a .py file beside a strategy, and run that.",
        )
    path = strategy_folder(workspace, run) / f"{_name(run)}.toml"
    text, settings = source.get("text"), source.get("settings")
    if text is None or settings is None:
        return Plan(_of_parameters(run, path), data, workspace)
    return Plan(strategy_of_text(text, path, dict(map(parse_setting, settings))), data, workspace)


def study_again(plan: Plan, run: Json) -> Study | PanelRun:
    """Run a recorded study again: with a trade, with a leak that was allowed, block by block, if it was so."""
    codes = {note.get("code") for note in run["notes"]}
    scanned = bool(run.get("scanned")) or "scanned" in codes  # a note said so before
    study = run_either(plan, allow_lookahead=bool(run.get("lookahead")), scan=scanned)
    tried = run.get("trade") is not None or "not_traded" in codes
    return study.with_trade() if tried else study


def strategy_folder(workspace: Workspace, run: Json) -> Path:
    """Return the folder in which a strategy's own Python is looked up: in the workspace, or that of a built-in."""
    root, name = workspace.root, _name(run)
    file = root / str((run.get("source") or {}).get("file") or "")
    if file.is_file() and file.resolve().is_relative_to(root.resolve()):
        return file.parent
    known = workspace.strategies()
    return known[name].parent if name in known else root / "strategies"


def _name(run: Json) -> str:
    name = str(run["strategy"])
    if Path(name).name != name:
        raise RunUnreadable(f"run '{run['run_id']}': strategy '{name}' is no name.", "Run the study again.")
    return name


def _of_parameters(run: Json, path: Path) -> Strategy:
    """Make the strategy of a record without a text: every parameter that has a value, as `settings` of no file."""
    content: Parameters = {"schema": 1, "title": run["title"], "question": run["question"]}
    for key, value in run["parameters"].items():
        if value is not None:
            _put(content, key.split("."), _value(key, value))
    return parse_strategy(content, path)


def _put(content: Parameters, keys: list[str], value: Any) -> None:  # noqa: ANN401  any TOML value
    for key in keys[:-1]:
        content = content.setdefault(key, {})
    content[keys[-1]] = value


def _value(key: str, value: Any) -> Any:  # noqa: ANN401  any TOML value
    return dt.date.fromisoformat(value) if key in DATES else value


def recorded_files(run: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of the user's own Python and of the files that it names, as recorded."""
    return dict((run.get("source") or {}).get("files") or {})
