"""Event-study backtests: what came next after a market episode, and whether it means anything.

>>> from backtest import run
>>> study = run("streak5")
>>> study.events["trigger"].dt.date.astype(str).tolist()[0]
'1998-10-20'
"""

from __future__ import annotations

TYPE_CHECKING = False  # not of typing: until it is imported, Ctrl-C would print a traceback
if TYPE_CHECKING:
    from typing import Any

    from backtest.api import audit, compare, events, export, load_run, plan_study, run, tune, verify
    from backtest.data.store.read import load_dataset
    from backtest.model import Condition, Dataset, Indicator, Prices
    from backtest.model.panel import Panel
    from backtest.panel.from_frame import panel_of_frame
    from backtest.panel.panel_run import PanelRun
    from backtest.panel.panel_study import PanelStudy, study_panel
    from backtest.panel.scan import PanelScan, scan_panel
    from backtest.spec.strategy import Strategy
    from backtest.study.study import Study

_ROOMS = {
    **dict.fromkeys(
        ("audit", "compare", "events", "export", "load_run", "plan_study", "run", "tune", "verify"), "backtest.api"
    ),
    **dict.fromkeys(("Condition", "Dataset", "Indicator", "Prices"), "backtest.model"),
    "load_dataset": "backtest.data.store.read",
    "Panel": "backtest.model.panel",
    "PanelStudy": "backtest.panel.panel_study",
    "PanelRun": "backtest.panel.panel_run",
    "PanelScan": "backtest.panel.scan",
    "panel_of_frame": "backtest.panel.from_frame",
    "scan_panel": "backtest.panel.scan",
    "study_panel": "backtest.panel.panel_study",
    "Strategy": "backtest.spec.strategy",
    "Study": "backtest.study.study",
}
"""Where each public name lives: it is imported on first use, so that ``backtest --help`` is quick."""

__all__ = [
    "Condition",
    "Dataset",
    "Indicator",
    "Panel",
    "PanelRun",
    "PanelScan",
    "PanelStudy",
    "Prices",
    "Strategy",
    "Study",
    "audit",
    "compare",
    "events",
    "export",
    "load_dataset",
    "load_run",
    "panel_of_frame",
    "plan_study",
    "run",
    "run_strategy",
    "scan_panel",
    "study_panel",
    "tune",
    "verify",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  a class or a function
    if name not in _ROOMS:
        raise AttributeError(f"module 'backtest' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(_ROOMS[name]), name)


def run_strategy(name: str, dataset: str | None = None, **keywords: Any) -> Any:  # noqa: ANN401  as for `run`
    """Run a strategy on a dataset: the former name of `run`, with the same arguments."""
    from backtest.api import run

    return run(name, dataset, **keywords)
