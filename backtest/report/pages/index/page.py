"""The list of recorded runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backtest.model.notes import LATE_DAY0
from backtest.report.render import render
from backtest.untyped import Json


def index_page(runs: Sequence[Mapping[str, Any]]) -> str:
    """Draw the list of recorded runs, newest first as given, each with a link to its report and what sets it apart."""
    by_strategy: dict[str, list[Mapping[str, Any]]] = {}
    for run in runs:
        by_strategy.setdefault(run["strategy"], []).append(run.get("parameters") or {})
    differing = {name: _differing(settings) for name, settings in by_strategy.items()}
    rows = [(run, _own(run.get("parameters") or {}, differing[run["strategy"]])) for run in runs]
    return render("pages/index/page.html.j2", (), None, runs=rows, late=LATE_DAY0)


def _differing(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the parameters whose values differ between the runs of a strategy."""
    keys = dict.fromkeys(key for one in settings for key in one)
    return [key for key in keys if any(one.get(key) != settings[0].get(key) for one in settings)]


def _own(parameters: Mapping[str, Any], differing: Sequence[str]) -> Json:
    return {key: parameters[key] for key in differing if key in parameters}
