"""A recorded run as a Python object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest.errors import NotFound, did_you_mean
from backtest.model import Record
from backtest.study.pictures import Pictures
from backtest.untyped import Json

if TYPE_CHECKING:
    import pandas as pd


class RecordedRun(Pictures):
    """A run read from disk: its summary, and its tables as DataFrames.

    Parameters
    ----------
    record : Record
        As `backtest.record.read.read_run` returns it.
    """

    def __init__(self, record: Record) -> None:
        self._record = record

    @property
    def record(self) -> Record:
        """Its record as read."""
        return self._record

    @property
    def summary(self) -> Json:
        """The content of ``run.json``."""
        return self.record.run

    @property
    def verdict(self) -> str:
        """The verdict in plain words."""
        return str(self.summary["verdict"])

    @property
    def events(self) -> pd.DataFrame:
        """One row per event."""
        return self.frame("events")

    @property
    def horizons(self) -> pd.DataFrame:
        """One row per horizon; fractions."""
        return self.frame("horizons")

    @property
    def legs(self) -> pd.DataFrame:
        """One row a horizon and leg; fractions. A run that an earlier version recorded has none."""
        return self.frame("legs")

    @property
    def forward_returns(self) -> pd.DataFrame:
        """One row per event and horizon; fractions."""
        return self.frame("forward_returns")

    def frame(self, table: str) -> pd.DataFrame:
        """Return a table of the record as a DataFrame.

        Raises
        ------
        NotFound
            The run has no such table.
        """
        if table not in self.record.tables:
            raise NotFound(
                f"run '{self.summary['run_id']}' has no table '{table}'.", did_you_mean(table, self.record.tables)
            )
        frame: pd.DataFrame = self.record.tables[table].to_pandas(date_as_object=False)
        frame.attrs["synthetic"] = self.summary["dataset"]["synthetic"]
        return frame

    def __repr__(self) -> str:
        mark = " on SIMULATED data" if self.summary["dataset"]["synthetic"] else ""
        return f"<RecordedRun {self.summary['strategy']} {self.summary['run_id']}{mark}. {self.verdict}>"
