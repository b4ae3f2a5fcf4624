"""FRED, through pandas-datareader: one series per request, from its first day."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from backtest.data.pull.http import Client, FetchFailed
from backtest.data.pull.http_sessions import requests_session
from backtest.data.pull.table import Fetched, Table, days_of, is_html

MODULES = ("pandas_datareader", "curl_cffi")
FIRST_DAY = "1776-07-04"
HEADER = r"(observation_date|DATE),{}\r?\n"
"""FRED renamed the date column in 2024; pandas-datareader skips the header without checking it."""


def fetch(symbol: str, client: Client) -> Fetched:
    """Fetch a FRED series.

    Parameters
    ----------
    symbol : str
        The name that FRED uses, such as ``DGS10``.
    client : Client
        The client that sends the requests.

    Returns
    -------
    Fetched
        One column, ``close``, in FRED's unit; NaN where FRED has a dot or a blank.

    Raises
    ------
    FetchFailed
        FRED did not answer, or answered with something else.
    """
    from pandas_datareader.fred import FredReader

    bodies: list[bytes] = []

    def wrong(content: bytes) -> str:
        bodies.append(content)
        return _wrong(content, symbol)

    session = requests_session(client, wrong)
    frame: Any = FredReader(
        symbol, start=FIRST_DAY, end=client.clock.now().date(), retry_count=0, session=session
    ).read()
    values = frame[symbol]
    if not len(values):
        raise FetchFailed("has no rows")
    if values.dtype.kind not in "fi":
        raise FetchFailed(f"has a value that is not a number in column {symbol}")
    return Fetched(bodies[-1], ".csv", Table(days_of(frame.index), {"close": values.to_numpy(np.float64)}))


def _wrong(content: bytes, symbol: str) -> str:
    if not content.strip():
        return "answered with an empty body"
    if is_html(content):
        return "answered with a web page instead of CSV"
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    if not re.match(HEADER.format(re.escape(symbol)), text):
        header = text.splitlines()[0][:60]
        return f"answered with other columns: '{header}' instead of 'observation_date,{symbol}'"
    return "" if text.endswith("\n") else "the answer broke off in its last line"
