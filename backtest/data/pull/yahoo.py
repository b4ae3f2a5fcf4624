"""Yahoo Finance, through yfinance: daily prices from a symbol's first day."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np

from backtest.data.pull.http import Client, FetchFailed
from backtest.data.pull.http_sessions import browser_session
from backtest.data.pull.settled import last_settled
from backtest.data.pull.table import Fetched, Table, days_of, is_html
from backtest.untyped import Json

MODULES = ("yfinance", "curl_cffi")
CHART = "/v8/finance/chart/"
ADJUSTED = "adjclose"
DAILY = "1d"
FIELDS = ("open", "high", "low", "close", "volume")
PRICES = {"Open": "open", "High": "high", "Low": "low", "Close": "close", "Adj Close": "adj_close"}


def fetch(symbol: str, client: Client) -> Fetched:
    """Fetch a symbol's daily prices.

    Sessions that are not over, or whose close may still change, are left out. Yahoo writes zero for an open, high or
    low that it lacks; a zero is read as missing, with a note.

    Parameters
    ----------
    symbol : str
        Yahoo's symbol, such as ``^RUT``.
    client : Client
        The client that sends the requests.

    Returns
    -------
    Fetched
        ``open``, ``high``, ``low``, ``close`` adjusted for splits, and ``adj_close``, which is also adjusted for
        dividends, in the table's currency; NaN where Yahoo has null. Without ``adj_close`` if Yahoo gives none.

    Raises
    ------
    FetchFailed
        Yahoo did not answer, or answered with something else: another symbol, or prices that are not daily.
    """
    import yfinance

    logging.getLogger("yfinance").setLevel(logging.CRITICAL)  # failures raise; nothing else is printed
    yfinance.config.debug.hide_exceptions = False
    bodies: list[bytes] = []

    def wrong(content: bytes) -> str:
        bodies.append(content)
        return _wrong(content, symbol)

    ticker = yfinance.Ticker(symbol, session=browser_session(client, wrong, essential=CHART))
    try:
        frame: Any = ticker.history(period="max", interval="1d", auto_adjust=False, actions=True, keepna=True)
    except yfinance.exceptions.YFPricesMissingError as error:
        raise FetchFailed("has no prices") from error
    answer = json.loads(bodies[-1])["chart"]["result"][0]
    currency = str(answer["meta"].get("currency") or "")
    dates = days_of(frame.index)
    over = dates <= np.datetime64(last_settled(client.clock.now()))
    columns = {ours: frame[theirs].to_numpy(np.float64)[over] for theirs, ours in PRICES.items()}
    if not _adjusted(answer):
        del columns["adj_close"]  # yfinance has copied the closes into it
    notes = []
    for name in ("open", "high", "low"):
        zeros = columns[name] == 0
        if zeros.any():
            columns[name] = np.where(zeros, np.nan, columns[name])
            notes.append(f"yahoo {symbol}: {int(zeros.sum()):,} zeros in column {name} are read as missing.")
    return Fetched(bodies[-1], ".json", Table(dates[over], columns, {"currency": currency}, notes))


def _wrong(content: bytes, symbol: str) -> str:
    if not content.strip():
        return "answered with an empty body"
    if is_html(content):
        return "answered with a web page instead of JSON"
    try:
        chart = json.loads(content)["chart"]
        if chart.get("error"):
            return f"says: {chart['error'].get('description') or chart['error'].get('code')}"
        result = chart["result"][0]
        quote, rows = result["indicators"]["quote"][0], len(result.get("timestamp") or [])
        if problem := _mismatch(result["meta"], symbol):
            return problem
        lacking = [name for name in FIELDS if len(quote.get(name) or []) != rows]
        if _adjusted(result) and len(_adjusted(result)) != rows:
            lacking.append(ADJUSTED)
    except ValueError:
        return "answered with JSON that is cut off or damaged"
    except (AttributeError, IndexError, KeyError, TypeError):
        return "answered with JSON that is not a chart"
    return f"answered with {rows:,} dates, but not as many values in column {lacking[0]}" if lacking else ""


def _mismatch(meta: Json, symbol: str) -> str:
    """Say what the answer holds if it is not what was requested."""
    if str(meta.get("symbol")).upper() != symbol.upper():
        return f"answered with symbol {meta.get('symbol')} instead of {symbol}"
    if (step := meta.get("dataGranularity")) != DAILY:
        return f"answered with prices of every {step} instead of {DAILY}"
    return ""


def _adjusted(result: Json) -> list[float | None]:
    """Return the closes adjusted for dividends; empty if there are none."""
    parts = result["indicators"].get(ADJUSTED) or [{}]
    values: list[float | None] = parts[0].get(ADJUSTED) or []
    return values if any(value is not None for value in values) else []
