"""Studies side by side, as a Python object."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from backtest.comparison.entries import Entry
from backtest.comparison.result import compare_json
from backtest.model import Asked
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
    horizon : int or str, optional
        The horizon of the ranking, such as 21 or ``"1m"``; by default, of those that most studies have, the one nearest
        to 21 sessions.
    sort : str
        What the ranking is sorted by: ``"p"``, ``"excess"``, ``"hits"``, ``"n"``, ``"name"`` or ``"given"``.
    """

    def __init__(self, entries: Sequence[Entry], *, horizon: Asked | None = None, sort: str = "p") -> None:
        self.entries = tuple(entries)
        self._horizon, self._sort = horizon, sort

    @cached_property
    def summary(self) -> Json:
        """The content of ``backtest compare --json``."""
        return compare_json(self.entries, horizon=self._horizon, sort=self._sort)

    @property
    def ranking(self) -> pd.DataFrame:
        """One row per study at the chosen horizon, sorted; fractions."""
        import pandas as pd

        return pd.DataFrame(self.summary["ranking"]).set_index("study")

    @property
    def differences(self) -> pd.DataFrame:
        """One row per pair of studies at that horizon, the most remarkable first; fractions."""
        import pandas as pd

        return pd.DataFrame(self.summary["differences"]).set_index(["first", "second", "on"])

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
