"""Studies side by side, as a Python object."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from backtest.comparison.entries import Entry
from backtest.comparison.result import compare_json
from backtest.study.export.notebook import frame_html
from backtest.untyped import Json

if TYPE_CHECKING:
    import pandas as pd


class Comparison:
    """Studies side by side, adjusted for everything shown.

    Parameters
    ----------
    entries : sequence of Entry
        The studies.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)

    @cached_property
    def summary(self) -> Json:
        """The content of ``backtest compare --json``."""
        return compare_json(self.entries)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per study and horizon; returns are fractions."""
        import pandas as pd

        rows = [{"study": one["label"], **row} for one in self.summary["studies"] for row in one["horizons"]]
        return pd.DataFrame(rows).set_index(["study", "horizon"])

    def __repr__(self) -> str:
        labels = ", ".join(one["label"] for one in self.summary["studies"])
        return f"<Comparison of {labels}>"

    def _repr_html_(self) -> str:
        return frame_html(self.frame)
