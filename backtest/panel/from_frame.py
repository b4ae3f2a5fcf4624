"""A panel from a DataFrame with one row per asset and session."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from backtest.data.manifest.panel_table import PanelColumns
from backtest.data.panel.long_table import long_table_of
from backtest.data.panel.place_rows import align
from backtest.errors import DataRefused
from backtest.model import Dataset, Prices, SeriesInfo
from backtest.model.panel import OWN, Panel


def panel_of_frame(
    frame: Any,  # noqa: ANN401  a DataFrame of any library that narwhals knows
    common: Dataset | None = None,
    *,
    asset: str = "symbol",
    session: str = "session",
    close: str = "close",
    kind: Literal["price_index", "total_return_index"] = "price_index",
    simulated: bool = False,
) -> Panel:
    """Make a panel of a DataFrame from pandas, polars or pyarrow.

    Parameters
    ----------
    frame : DataFrame
        One row per asset and session, in any order.
    common : Dataset, optional
        Its sessions are the calendar, its series are shared by all assets, such as a benchmark; without it, the
        sessions are all days that the frame holds.
    asset, session, close : str
        The columns that name the asset, hold the day, and hold the close.
    kind : {"price_index", "total_return_index"}
        Whether the closes leave out dividends or include them.
    simulated : bool
        Whether the closes are simulated; results then say so, as they do where `common` is simulated.

    Returns
    -------
    Panel
        Its `findings` say what did not fit: rows off the calendar, assets set aside, missing closes.

    Raises
    ------
    DataRefused
        The frame is not such a table, or no asset is left.
    """
    import narwhals.stable.v2 as nw

    try:
        arrow_table = nw.from_native(frame, eager_only=True).to_arrow()
    except TypeError as error:
        raise DataRefused(
            f"a {type(frame).__name__} is not a DataFrame.", "Pass one from pandas, polars or pyarrow."
        ) from error
    table = long_table_of(arrow_table, PanelColumns(asset=asset, session=session, close=close), "the frame")
    prices = common.prices if common is not None else Prices(np.unique(table.session), {}, {})
    aligned = align(table, prices.sessions)
    info = SeriesInfo(OWN, "Each asset of the panel", kind, "as in the frame")
    simulated = simulated or (common is not None and common.synthetic)
    return Panel(aligned.assets, aligned.fields, info, prices, aligned.findings, simulated)
