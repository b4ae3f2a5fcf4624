"""A panel from a DataFrame with one row per asset and session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from backtest.data.files.frames import table_of_frame
from backtest.data.manifest.panel_table import PanelColumns
from backtest.data.panel.long_table import long_table_of
from backtest.data.panel.place_rows import align
from backtest.errors import DataRefused, did_you_mean
from backtest.model import Dataset, Prices, SeriesInfo
from backtest.model.panel import OWN, Panel

if TYPE_CHECKING:
    import pyarrow as pa


def panel_of_frame(
    frame: Any,  # noqa: ANN401  a DataFrame of any library that narwhals knows
    common: Dataset | None = None,
    *,
    asset: str = "symbol",
    session: str = "session",
    close: str = "close",
    kind: Literal["price_index", "total_return_index"] = "price_index",
    group: str | None = None,
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
    group : str, optional
        The column of the asset's group, such as its sector, the same in all rows of an asset; missing or blank where it
        has none.
    simulated : bool
        Whether the closes are simulated; results then say so, as they do where `common` is simulated.

    Returns
    -------
    Panel
        Its `findings` say what did not fit: rows off the calendar, assets set aside, missing closes.

    Raises
    ------
    DataRefused
        The frame is not such a table, an asset has two groups, or no asset is left.
    """
    wanted = (asset, session, close, *([] if group is None else [group]))
    arrow_table = table_of_frame(frame, "the frame", wanted)
    table = long_table_of(arrow_table, PanelColumns(asset=asset, session=session, close=close), "the frame")
    prices = common.prices if common is not None else Prices(np.unique(table.session), {}, {})
    aligned = align(table, prices.sessions)
    info = SeriesInfo(OWN, "Each asset of the panel", kind, "as in the frame")
    simulated = simulated or (common is not None and common.synthetic)
    groups = () if group is None else _groups(arrow_table, asset, group, aligned.assets)
    return Panel(aligned.assets, aligned.fields, info, prices, aligned.findings, simulated, groups)


def _groups(table: pa.Table, asset: str, group: str, assets: tuple[str, ...]) -> tuple[str, ...]:
    if group not in table.column_names:
        raise DataRefused(f"the frame: has no column '{group}'.", did_you_mean(group, table.column_names))
    pairs = table.select([asset, group]).group_by([asset, group]).aggregate([])
    found: dict[str, str] = {}
    for one, value in zip(pairs.column(asset).to_pylist(), pairs.column(group).to_pylist(), strict=True):
        name = "" if value is None or value != value else str(value).strip()  # NaN is missing
        if found.setdefault(str(one), name) != name:
            raise DataRefused(
                f"the frame: {one} has two groups in '{group}': '{found[str(one)]}' and '{name}'.",
                "Give each asset one group, the same in all its rows.",
            )
    return tuple(found[one] for one in assets)
