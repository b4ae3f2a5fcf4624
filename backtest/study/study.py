"""A completed study as a caller holds it: its results, in every form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backtest.errors import StudyRefused
from backtest.model import Note, Record
from backtest.study.asset_result import AssetResult
from backtest.study.export.notebook import episodes_frame
from backtest.study.export.summary import summary_of, with_ledger
from backtest.study.export.tables import tables_of
from backtest.study.notes import notes_on_trade
from backtest.study.pictures import Pictures
from backtest.study.result import StudyResult
from backtest.untyped import Json
from backtest.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from backtest.ledger.count import Count


class Study(Pictures, StudyResult):
    """A completed study: events, forward returns, verdict; see `StudyResult` for its parts."""

    @cached_property
    def summary(self) -> Json:
        """The content of ``run.json``; a number that cannot be given is None."""
        return summary_of(self)

    @cached_property
    def tables(self) -> dict[str, pa.Table]:
        """The tables of the record, by name."""
        return tables_of(self)

    @property
    def record(self) -> Record:
        """The record as `save` writes it, which is in no folder yet."""
        return Record(Path(), self.summary, self.tables)

    @cached_property
    def events(self) -> pd.DataFrame:
        """One row per event: start, trigger, end, day 0."""
        return self.frame("events")

    @cached_property
    def horizons(self) -> pd.DataFrame:
        """One row per horizon: means, hit rates, base rates, intervals, p; fractions. One block per asset."""
        return self.frame("horizons")

    @cached_property
    def legs(self) -> pd.DataFrame:
        """One row a horizon and leg: n, mean, median, hit rate, best, worst, drawdowns; fractions.

        Beside each stands its base rate, with ``base_`` before the name. The hit rate of the spread is the share of
        events in which the asset beat the benchmark.
        """
        return self.frame("legs")

    @cached_property
    def forward_returns(self) -> pd.DataFrame:
        """One row per event and horizon; fractions, missing if the window is not complete (see ``status``)."""
        return self.frame("forward_returns")

    @cached_property
    def paths(self) -> pd.DataFrame:
        """One row per event and offset of the event window; cumulative returns since day 0 as fractions."""
        return self.frame("paths")

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """One row per episode of the sample window: start, trigger, end; whether it gave an event."""
        return episodes_frame(self)

    @cached_property
    def trades(self) -> pd.DataFrame:
        """One row per trade of the tradable version; fractions.

        Raises
        ------
        StudyRefused
            The trade has not been simulated, see `with_trade`, or there are several assets.
        """
        if self.trade is None:
            self._traded()
            raise StudyRefused("this study has no simulated trade.", "Ask for one: study.with_trade().trades")
        return self.frame("trades")

    def portfolio(self) -> Any:  # noqa: ANN401  vectorbt.Portfolio, whose import takes seconds
        """Return vectorbt's own Portfolio of the same orders, for its statistics and plots; imports vectorbt.

        Raises
        ------
        StudyRefused
            The strategy has no trade, or the trade cannot be simulated.
        """
        from backtest.study.trading import portfolio_of

        rules = self.plan.strategy.trade
        if rules is None:
            raise StudyRefused(f"strategy '{self.plan.strategy.name}' has no [trade].", "Add one to the strategy.")
        return portfolio_of(self.plan, self.detection, self._traded().base_rate, rules)

    def frame(self, table: str) -> pd.DataFrame:
        """Return a table of the record as a DataFrame."""
        frame: pd.DataFrame = self.tables[table].to_pandas(date_as_object=False)
        frame.attrs["synthetic"] = self.plan.dataset.synthetic
        return frame

    def with_trade(self) -> Study:
        """Simulate the tradable version, if the strategy has one.

        If it cannot be simulated, for example because there are several assets, ``trade`` stays None and a note says
        why; the study remains valid.
        """
        from backtest.study.trading import simulate_trade

        rules = self.plan.strategy.trade
        if rules is None:
            return self
        try:
            trade = simulate_trade(self.plan, self.detection, self._traded().base_rate, rules)
        except StudyRefused as error:
            text = f"{error.message[:1].upper()}{error.message[1:]}"
            return replace(self, notes=(*self.notes, Note("not_traded", "trade", text)))
        return replace(self, trade=trade, notes=(*self.notes, *notes_on_trade(trade)))

    def _traded(self) -> AssetResult:
        """Return the asset that the trade holds."""
        if len(self.assets) > 1:
            name = self.assets[0].name
            raise StudyRefused(
                f"the trade holds one asset, and measure.asset names {len(self.assets)}; run one alone for its trade, "
                f"as with --set measure.asset={name}."
            )
        return self.assets[0]

    def count(self, workspace: Workspace) -> Count:
        """Enter the looks of the study in the ledger of a workspace, and count all looks at its question."""
        from backtest.study.looks_of_study import count_study

        return count_study(workspace, self)

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

        Its looks are entered in the workspace's ledger.

        Parameters
        ----------
        workspace : Workspace, optional
            The workspace; default: the plan's, or that of the current folder.
        name : str
            A name that no other run of the workspace has.
        tags : str or sequence of str
            One word, or several, that other runs may share.
        note : str
            A line of text.
        output : Path, optional
            A folder to record it in, instead of the workspace's ``reports/``; the run is not listed.
        listed : bool
            Whether to redraw the list of runs; without it, call `refresh_index` after the last of many runs.
        counted : Count, optional
            What `count_study` returned, where the looks have been entered already.

        Raises
        ------
        BacktestError
            The name is taken, a label is not allowed, or the folder cannot be written.
        """
        from backtest.study.export.saving import save_in

        place = workspace or self.plan.workspace or Workspace.find()

        def content() -> tuple[Json, dict[str, pa.Table]]:
            return with_ledger(self.summary, counted or self.count(place)), self.tables

        return save_in(
            place, self.plan.strategy.name, content, name=name, tags=tags, note=note, output=output, listed=listed
        )
