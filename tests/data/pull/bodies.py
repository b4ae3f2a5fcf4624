"""Answers in the providers' own formats. The values are made up: real ones belong to their owners."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")

OHLC = ("open", "high", "low", "close")
Row = tuple[str, float | None, float | None, float | None, float | None, float | None]
"""Date, open, high, low, close, adjusted close."""

BARS: list[Row] = [
    ("2024-07-10", 100.0, 102.0, 99.0, 101.0, 50.5),
    ("2024-07-11", 101.0, 104.0, 100.0, 103.0, 51.5),
    ("2024-07-12", None, None, None, None, None),
    ("2024-07-15", 0.0, 106.0, 102.0, 105.0, 53.0),
    ("2024-07-16", 105.0, 108.0, 104.0, 107.0, 107.0),
]


def opening(date: str) -> int:
    """Seconds since 1970 of 09:30 in New York: what Yahoo dates a daily bar with."""
    return int(dt.datetime.fromisoformat(f"{date}T09:30").replace(tzinfo=NEW_YORK).timestamp())


def chart(symbol: str, bars: Sequence[Row] = BARS, currency: str = "USD", **changes: Any) -> bytes:
    """Yahoo's chart, version 8: seconds, nulls, a dividend and a split as events, and long words about the quote."""
    times = [opening(date) for date, *_ in bars]
    columns = list(zip(*(row[1:] for row in bars), strict=True)) or [()] * 5
    prices = dict(zip(OHLC, columns, strict=False))
    meta = {
        "currency": currency,
        "symbol": symbol,
        "exchangeName": "NYQ",
        "fullExchangeName": "NYSE",
        "instrumentType": "ETF",
        "firstTradeDate": times[0] if times else None,
        "regularMarketTime": 1721160000,
        "hasPrePostMarketData": True,
        "gmtoffset": -14400,
        "timezone": "EDT",
        "exchangeTimezoneName": "America/New_York",
        "regularMarketPrice": 107.0,
        "priceHint": 2,
        "currentTradingPeriod": {
            name: {"timezone": "EDT", "start": 1721136600, "end": 1721160000, "gmtoffset": -14400}
            for name in ("pre", "regular", "post")
        },
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }
    result = {
        "meta": meta,
        "timestamp": times,
        "events": {
            "dividends": {str(opening("2024-07-16")): {"amount": 0.53, "date": opening("2024-07-16")}},
            "splits": {
                str(opening("2024-07-15")): {
                    "date": opening("2024-07-15"),
                    "numerator": 2.0,
                    "denominator": 1.0,
                    "splitRatio": "2:1",
                }
            },
        },
        "indicators": {
            "quote": [{**prices, "volume": [None if row[4] is None else 1000 for row in bars]}],
            "adjclose": [{"adjclose": list(columns[4])}],
        },
    }
    return json.dumps({"chart": {"result": [{**result, **changes}], "error": None}}).encode()


def chart_error(description: str) -> bytes:
    return json.dumps({"chart": {"result": None, "error": {"code": "Not Found", "description": description}}}).encode()


def fred_csv(symbol: str, rows: Sequence[tuple[str, str]], header: str = "observation_date") -> bytes:
    """FRED's fredgraph.csv: one column beside the date, a dot or nothing where there is no value."""
    lines = [f"{header},{symbol}", *(f"{date},{value}" for date, value in rows)]
    return ("\n".join(lines) + "\n").encode()


RATES = [
    ("2024-07-10", "4.28"),
    ("2024-07-11", "."),
    ("2024-07-12", ""),
    ("2024-07-15", "4.23"),
    ("2024-07-16", "4.17"),
]

SIZES = (
    "<= 0,Lo 30,Med 40,Hi 30,Lo 20,Qnt 2,Qnt 3,Qnt 4,Hi 20,Lo 10,Dec 2,Dec 3,Dec 4,Dec 5,Dec 6,Dec 7,Dec 8,Dec 9,Hi 10"
)
FACTORS = "Mkt-RF,SMB,HML,RF"
ABOUT = (
    "This file was created using the 202409 CRSP database.  It contains value- and equal-weighted returns for size\r\n"
    "portfolios.  Each record contains returns for: Negative (not used)  30%  40%  30%   5 Quintiles  10 Deciles\r\n"
    "Missing data are indicated by -99.99 or -999.\r\n\r\n\r\n"
)
COPYRIGHT = "Copyright 2024 Eugene F. Fama and Kenneth R. French\r\n"


def french_table(names: str, dates: Sequence[str], values: dict[str, Sequence[float]], other: float) -> str:
    """A table of the library: a comma, the columns' names, then dates without dashes; `other` where not given."""
    lines = ["," + names]
    for row, date in enumerate(dates):
        cells = [f"{values[name][row] if name in values else other:8.2f}" for name in names.split(",")]
        lines.append(",".join([date.replace("-", ""), *cells]))
    return "\r\n".join(lines) + "\r\n"


def french_zip(text: str, name: str = "Portfolios_Formed_on_ME_Daily.csv") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return packed.getvalue()


def french_sizes(dates: Sequence[str], values: dict[str, Sequence[float]]) -> bytes:
    """Size portfolios: value-weighted, then equal-weighted, days; then a table of years, and the copyright."""
    missing = {"<= 0": [-99.99] * len(dates)}
    text = ABOUT + "  Average Value Weighted Returns -- Daily\r\n"
    text += french_table(SIZES, dates, {**missing, **values}, 0.1)
    text += "\r\n\r\n  Average Equal Weighted Returns -- Daily\r\n"
    text += french_table(SIZES, dates, missing, 9.99)
    text += "\r\n\r\n  Number of Firms in Portfolios\r\n"
    text += french_table(SIZES, [str(year) for year in range(1996, 2024)], {}, 100.0)
    return french_zip(text + "\r\n" + COPYRIGHT)


def french_factors(dates: Sequence[str], values: dict[str, Sequence[float]]) -> bytes:
    """The three factors: a table without a title."""
    about = "This file was created by CMPT_ME_BEME_RETS_DAILY using the 202409 CRSP database.\r\n"
    about += "The Tbill return is the simple daily rate that, over the number of trading days\r\n"
    about += "in the month, compounds to 1-month TBill rate from Ibbotson and Associates, Inc.\r\n\r\n"
    return french_zip(about + french_table(FACTORS, dates, values, 0.0) + "\r\n" + COPYRIGHT)
