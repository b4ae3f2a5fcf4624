"""Record a study on a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from backtest.ledger.count import Count
from backtest.panel.panel_horizons import PanelHorizons
from backtest.panel.panel_looks import count_panel
from backtest.panel.panel_study import PanelStudy
from backtest.panel.panel_summary import summary_of_panel
from backtest.panel.panel_tables import tables_of_panel
from backtest.study.export.saving import save_in
from backtest.study.export.summary import with_ledger
from backtest.untyped import Json
from backtest.workspace import Workspace


def save_panel(
    study: PanelStudy,
    workspace: Workspace | None = None,
    *,
    name: str = "",
    tags: str | Sequence[str] = (),
    note: str = "",
    output: Path | None = None,
    listed: bool = True,
    counted: Count | None = None,
) -> Path:
    """Record a study on a panel with its report, and list it among the runs; return its folder.

    Its looks are entered in the workspace's ledger.

    Parameters
    ----------
    study : PanelStudy
        The study.
    workspace, name, tags, note, output, listed, counted
        As of `backtest.study.study.Study.save`; `counted` is what `count_panel` returned.

    Raises
    ------
    BacktestError
        The name is taken, a label is not allowed, or the folder cannot be written.
    """
    place, figures = workspace or study.plan.workspace or Workspace.find(), PanelHorizons(study)

    def content() -> tuple[Json, Mapping[str, pa.Table]]:
        summary = with_ledger(summary_of_panel(figures), counted or count_panel(place, figures))
        return summary, tables_of_panel(figures)

    return save_in(
        place, study.strategy.name, content, name=name, tags=tags, note=note, output=output, listed=listed
    )
