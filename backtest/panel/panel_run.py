"""A completed study on a panel as a caller holds it: its results, in every form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from backtest.errors import StudyRefused
from backtest.lookahead.guard import Passed
from backtest.model import Dataset, Note, Record
from backtest.model.panel import Panel
from backtest.model.panel_source import PanelSource
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_detection import events_on_panel, sample_window_of
from backtest.panel.panel_horizons import PanelHorizons
from backtest.panel.panel_looks import looks_of_panel
from backtest.panel.panel_result import PanelResult
from backtest.panel.panel_study import plan_on_panel, run_on_panel
from backtest.panel.panel_summary import summary_of_panel
from backtest.panel.panel_tables import tables_of_panel
from backtest.plan import Plan
from backtest.study.export.saving import save_in
from backtest.study.export.summary import with_ledger
from backtest.study.run import run_plan
from backtest.study.study import Study
from backtest.untyped import Json
from backtest.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from backtest.ledger.count import Count

Progress = Callable[[int, int], None]
IN_MEMORY = 2**30
"""Bytes of closes that a study holds in memory; a larger panel is read block by block. The same on every machine."""
NO_TRADE = "The trade holds one asset, and a panel has many: nothing was simulated."


@dataclass(frozen=True, eq=False, repr=False)
class PanelRun:
    """A study on a panel that can be shown and recorded.

    Attributes
    ----------
    study : PanelResult
        Its events, what came next, and what that means.
    """

    study: PanelResult
    _asked_for_trade: bool = field(default=False)

    @property
    def plan(self) -> Plan:
        """The plan that was run."""
        return self.study.plan

    @cached_property
    def figures(self) -> PanelHorizons:
        """What was found, by horizon."""
        return PanelHorizons(self.study)

    @cached_property
    def summary(self) -> Json:
        """The content of ``run.json``; a number that cannot be given is None."""
        summary = summary_of_panel(self.figures)
        if self._asked_for_trade:
            summary["notes"] = [*summary["notes"], Note("not_traded", "trade", NO_TRADE).to_json()]
        return summary

    @cached_property
    def tables(self) -> dict[str, pa.Table]:
        """The tables of the record, by name."""
        return tables_of_panel(self.figures)

    @property
    def record(self) -> Record:
        """The record as `save` writes it, which is in no folder yet."""
        return Record(Path(), self.summary, self.tables)

    @property
    def verdict(self) -> str:
        """The verdict in plain words."""
        return str(self.summary["verdict"])

    @property
    def events(self) -> pd.DataFrame:
        """One row per event: asset, day 0, and when it could be known."""
        return self.frame("events")

    @property
    def horizons(self) -> pd.DataFrame:
        """One row per horizon: means, hit rates, base rates, intervals, p; fractions."""
        return self.frame("horizons")

    @property
    def forward_returns(self) -> pd.DataFrame:
        """One row per event and horizon; fractions, missing if the window is not complete (see ``status``)."""
        return self.frame("forward_returns")

    def frame(self, table: str) -> pd.DataFrame:
        """Return a table of the record as a DataFrame."""
        frame: pd.DataFrame = self.tables[table].to_pandas(date_as_object=False)
        frame.attrs["synthetic"] = self.plan.dataset.synthetic
        return frame

    def with_trade(self) -> PanelRun:
        """Return the study; if the strategy has a trade, a note says that none can be simulated."""
        return PanelRun(self.study, _asked_for_trade=self.plan.strategy.trade is not None)

    def count(self, workspace: Workspace) -> Count:
        """Enter the looks of the study in the ledger of a workspace, and count all looks at its question."""
        from backtest.ledger.count import count_looks

        return count_looks(workspace, looks_of_panel(self.figures, "run"))

    def save(
        self,
        workspace: Workspace | None = None,
        *,
        name: str = "",
        tags: str | Sequence[str] = (),
        note: str = "",
        output: Path | None = None,
        listed: bool = True,
        counted: Count | None = None,
    ) -> Path:
        """Record the study with its report, and list it among the runs; return its folder.

        Its looks are entered in the workspace's ledger. The parameters are those of `backtest.study.study.Study.save`.

        Raises
        ------
        BacktestError
            The name is taken, a label is not allowed, or the folder cannot be written.
        """
        place = workspace or self.plan.workspace or Workspace.find()

        def content() -> tuple[Json, dict[str, pa.Table]]:
            return with_ledger(self.summary, counted or self.count(place)), self.tables

        strategy = self.plan.strategy.name
        return save_in(place, strategy, content, name=name, tags=tags, note=note, output=output, listed=listed)

    def __len__(self) -> int:
        return len(self.study.found)

    def __repr__(self) -> str:
        return f"<{self.study!r}. {self.verdict}>"


def run_panel(
    plan: Plan,
    *,
    allow_lookahead: bool = False,
    workers: int | None = None,
    cluster: str | None = None,
    scan: bool = False,
    progress: Progress | None = None,
) -> PanelRun:
    """Run a plan on all assets of the panel of its dataset.

    The panel is scanned block by block if `workers`, `cluster` or `scan` are given, or if its closes take more than
    `IN_MEMORY` bytes; if not, it is held in memory. A strategy with a model is held in memory in any case.

    Parameters
    ----------
    plan : Plan
        On a dataset with a panel.
    allow_lookahead : bool
        Run a detector even if it looks ahead.
    workers, cluster, progress
        As of `backtest.panel.scan.scan_panel`.
    scan : bool
        Scan it even if it fits into memory, as a recorded scan is repeated.

    Raises
    ------
    StudyRefused
        The dataset has no panel, the strategy measures something else than the asset itself, or a scan was asked for a
        model of abnormal returns.
    LooksAhead
        A detector looks ahead, and this is not allowed.
    NoEvents
        The detector found nothing.
    ExecutionRefused
        Workers were lost again and again, or the cluster cannot be used.
    """
    source = _source_of(plan.dataset)
    if not scan and workers is None and cluster is None and not _beyond_memory(plan, source):
        return PanelRun(run_on_panel(plan, source.read(), allow_lookahead=allow_lookahead))
    from backtest.panel.scan import scan_plan

    return PanelRun(
        scan_plan(plan, source, workers=workers, cluster=cluster, allow_lookahead=allow_lookahead, progress=progress)
    )


def _beyond_memory(plan: Plan, source: PanelSource) -> bool:
    """Return whether a panel is too large to be held; models of abnormal returns need all of it."""
    if plan.strategy.study is not None and plan.strategy.study.model is not None:
        return False
    return 8 * len(source.assets) * len(plan.dataset.prices) > IN_MEMORY


def run_either(plan: Plan, *, allow_lookahead: bool = False, scan: bool = False) -> Study | PanelRun:
    """Run a plan on its dataset's panel if it measures each asset of that, and on its series if not.

    `scan` is as of `run_panel`.
    """
    if plan.of_panel:
        return run_panel(plan, allow_lookahead=allow_lookahead, scan=scan)
    return run_plan(plan, allow_lookahead=allow_lookahead)


@dataclass(frozen=True, eq=False)
class PanelDetection:
    """What a plan found on a panel.

    Attributes
    ----------
    plan : Plan
        On data that hold one asset of the panel.
    panel : Panel
        The assets.
    passed : Passed
        What the look-ahead guard found.
    window : (int, int)
        First and last session position of the sample window.
    events : PanelEvents
        The events, none or more.
    """

    plan: Plan
    panel: Panel
    passed: Passed
    window: tuple[int, int]
    events: PanelEvents

    @property
    def frame(self) -> pd.DataFrame:
        """One row per event, in order of day 0 and then of the asset."""
        import pandas as pd

        order = np.lexsort((self.events.asset, self.events.day0))
        sessions = self.panel.common.sessions.astype("datetime64[s]")
        return pd.DataFrame(
            {
                "asset": np.array(self.panel.assets, dtype=object)[self.events.asset[order]],
                "day0": sessions[self.events.day0[order]],
                "knowable": sessions[self.events.knowable[order]],
            }
        )


def detect_plan(plan: Plan, *, allow_lookahead: bool = False) -> PanelDetection:
    """Detect on all assets of the panel of a plan's dataset; errors as `run_panel`, but no event is none."""
    panel = panel_of(plan.dataset)
    whole, passed = plan_on_panel(plan, panel, allow_lookahead=allow_lookahead)
    window = sample_window_of(panel, whole.strategy)
    return PanelDetection(whole, panel, passed, window, events_on_panel(whole, panel))


def audited_on(plan: Plan) -> tuple[Plan, str]:
    """Return a plan on the asset with most closes, and that asset's name: an audit of every asset would take days.

    Raises
    ------
    StudyRefused
        The strategy measures something else than the asset itself.
    """
    panel = panel_of(plan.dataset)
    whole, _ = plan_on_panel(plan, panel, allow_lookahead=True)
    return whole, panel.assets[int(np.isfinite(panel.close).sum(axis=0).argmax())]


def panel_of(dataset: Dataset) -> Panel:
    """Read the panel of a dataset.

    Raises
    ------
    StudyRefused
        It has none.
    """
    return _source_of(dataset).read()


def _source_of(dataset: Dataset) -> PanelSource:
    if dataset.panel is None:
        raise StudyRefused(f"dataset '{dataset.name}' has no panel.", "'backtest data list' says which have.")
    return dataset.panel
