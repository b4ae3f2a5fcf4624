"""A history from a pandas, polars or pyarrow DataFrame."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from backtest.errors import DataRefused, cut, did_you_mean
from backtest.model.arrays import Floats, Sessions, sealed
from backtest.model.history import Prices
from backtest.model.series import BASIS, Kind, SeriesInfo

KINDS: tuple[Kind, ...] = ("price_index", "total_return_index", "percent_return", "rate")
"""Kinds that a column may have; kinds that need a manifest, such as futures, are not possible here."""
FEWEST, WEEKLY = 8, 5
"""Rows below which their distance is not judged; a median distance of dates, in days, that no daily history has."""


def prices_of_frame(frame: Any, roles: Mapping[str, str], kinds: Mapping[str, Kind]) -> tuple[Prices, str]:  # noqa: ANN401
    """Return the history that a frame holds, and the hash of its dates and values.

    Raises
    ------
    DataRefused
        The frame is not a table of dates and numbers, or a role or kind is wrong.
    """
    sessions, columns = _columns(frame)
    for what, given in (("role", roles.values()), ("kind", kinds)):
        unknown = next((name for name in given if name not in columns), None)
        if unknown is not None:
            raise DataRefused(f"{what} of '{unknown}': the frame has no such column.", did_you_mean(unknown, columns))
    info = {name: _info(name, values, kinds.get(name, "price_index")) for name, values in columns.items()}
    digest = hashlib.sha256(sessions.astype("datetime64[D]").tobytes())
    for name, values in columns.items():
        digest.update(name.encode() + values.tobytes())
    sealed_columns = {name: sealed(values) for name, values in columns.items()}
    return Prices(sealed(sessions), sealed_columns, info, dict(roles)), digest.hexdigest()


def _columns(frame: Any) -> tuple[Sessions, dict[str, Floats]]:  # noqa: ANN401
    try:
        import narwhals.stable.v2 as nw

        table = nw.from_native(frame, eager_only=True)
        index = nw.maybe_get_index(table)
    except TypeError as error:
        raise DataRefused(
            f"a {type(frame).__name__} is not a DataFrame.", "Pass one from pandas, polars or pyarrow."
        ) from error
    except ValueError as error:  # two columns of one name, which other libraries allow
        raise DataRefused(f"the frame: {cut(str(error), 200)}.", "Give each column its own name.") from error
    names = list(table.columns)
    dated = index is not None and np.asarray(index.to_numpy()).dtype.kind in "MO"
    dates, rest = (np.asarray(index.to_numpy()), names) if index is not None and dated else (None, names[1:])
    if dates is None:
        dates = table[names[0]].to_numpy() if names else np.zeros(0)
    repeated = next((name for name in rest if rest.count(name) > 1), None)
    if repeated is not None:
        raise DataRefused(f"column '{repeated}' occurs twice.", "Give each column its own name.")
    return _sessions(dates), {str(name): _numbers(str(name), table[name].to_numpy()) for name in rest}


def _sessions(dates: np.ndarray) -> Sessions:
    _refuse_zone(dates)
    try:
        exact = np.asarray(dates).astype("datetime64[ns]")
    except (TypeError, ValueError) as error:
        raise DataRefused(
            "the dates cannot be read: neither the index nor the first column holds dates.",
            "Make them the index: frame.set_index(pd.to_datetime(frame['date'])).",
        ) from error
    if not np.issubdtype(np.asarray(dates).dtype, np.datetime64) and np.asarray(dates).dtype.kind in "iuf":
        raise DataRefused(
            "neither the first column, which holds numbers, nor the index holds dates.",
            "Make the dates the index: frame.set_index(pd.to_datetime(frame['date'])).",
        )
    days = exact.astype("datetime64[D]")
    if not len(days):
        raise DataRefused("the frame has no rows.", "Pass a frame with one row per session.")
    if np.isnat(days).any():
        raise DataRefused(f"row {int(np.argmax(np.isnat(days))) + 1} has no date.", "Drop the row, or date it.")
    timed = np.flatnonzero(exact != days)
    if len(timed):
        raise DataRefused(
            f"row {timed[0] + 1} is dated {exact[timed[0]]}: a session is a day without a time.",
            "Keep one row per day: frame.index.normalize() for daily closes. Convert moments in UTC to the exchange's "
            "days first, such as frame.index.tz_localize('UTC').tz_convert('Asia/Tokyo').tz_localize(None).",
        )
    falls = np.flatnonzero(np.diff(days) <= np.timedelta64(0, "D"))
    if len(falls):
        raise DataRefused(
            f"row {falls[0] + 2} ({days[falls[0] + 1]}) is not later than the row before it ({days[falls[0]]}).",
            "Sort the frame by date, and keep each date once.",
        )
    _refuse_weeks(days)
    return days


def _refuse_zone(dates: np.ndarray) -> None:
    zone = getattr(dates[0], "tzinfo", None) if len(dates) else None
    if zone is not None:
        raise DataRefused(
            f"the dates are moments in the time zone {zone}: a session is a day.",
            "Take the days of the exchange's zone, such as "
            "frame.index.tz_convert('America/New_York').normalize().tz_localize(None).",
        )


def _refuse_weeks(days: Sessions) -> None:
    gap = float(np.median(np.diff(days).astype(np.int64))) if len(days) >= FEWEST else 1.0
    if gap >= WEEKLY:
        raise DataRefused(
            f"the dates are {gap:g} days apart: a row is a session, and a study counts sessions.",
            "Pass daily data; a session without a value may be nan.",
        )


def _numbers(name: str, values: np.ndarray) -> Floats:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataRefused(f"column '{name}' does not hold numbers.", "Convert it, or leave it out.") from error
    if np.isinf(numbers).any():
        raise DataRefused(f"column '{name}' holds an infinite value.", "Make it missing, or correct it.")
    return numbers


def _info(name: str, values: Floats, kind: Kind) -> SeriesInfo:
    if kind not in KINDS:
        raise DataRefused(f"kind of '{name}': '{kind}' is not one of {', '.join(KINDS)}.", "Choose one of them.")
    if kind in BASIS and (values <= 0).any():
        raise DataRefused(
            f"column '{name}' is taken for levels, and {values[values <= 0][0]:g} is not above zero.",
            f"Leave it out, or set kinds={{'{name}': 'rate'}} if it is not a level.",
        )
    return SeriesInfo(name, name, kind, "as given")
