"""The list of recorded runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backtest.model.notes import LATE_DAY0
from backtest.report.render import render


def index_page(runs: Sequence[Mapping[str, Any]]) -> str:
    """Draw the list of recorded runs, newest first as given, each with a link to its report."""
    return render("pages/index/page.html.j2", (), None, runs=runs, late=LATE_DAY0)
