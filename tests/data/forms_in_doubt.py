"""Files that are odd, and those of which a guess would be dangerous."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import openpyxl

from .vendor_forms import (
    CLOSES,
    PRICE,
    ROWS,
    form,
    german,
    table,
)


@form("a report with a header a page", "pages.csv", pages=PRICE)
def _() -> str:
    lines = [f"{day},{bar[3]}" for day, bar in ROWS]
    pages = (["Date,Close", *lines[at : at + 40]] for at in range(0, len(lines), 40))
    return "\n\n".join(f"Page {n}\n" + "\n".join(page) for n, page in enumerate(pages, 1)) + "\n"


@form("files put one behind the other", "behind.csv", behind=PRICE)
def _() -> str:
    lines = [f"{day},{bar[3]}" for day, bar in ROWS]
    return "\n".join(["Date,Close", *lines[:90], "Date,Close", *lines[90:]]) + "\n"


@form("Binance since 2025", "BTCUSDT-1d.csv", **{"BTCUSDT-1d": PRICE})
def _() -> str:
    def row(d: dt.date, o: float, h: float, b: float, c: float) -> str:
        moment = int(dt.datetime(d.year, d.month, d.day, tzinfo=dt.UTC).timestamp()) * 1_000_000
        return f"{moment},{o},{h},{b},{c},5.1,{moment + 86_399_999_999},9.9,7,1,1,0"

    head = "open_time,open,high,low,close,volume,close_time,quote_asset_volume,count,taker_buy_volume,"
    head += "taker_buy_quote,ignore"
    return table(head, row)


@form("Nikkei in Shift-JIS", "nikkei_stock_average.csv", nikkei_stock_average=PRICE)
def _() -> bytes:
    return table("データ日付,終値,始値,高値,安値", lambda d, o, h, b, c: f"{d:%Y/%m/%d},{c},{o},{h},{b}").encode(
        "shift_jis"
    )


@form("pandas, stacked", "stacked.csv", IWM=PRICE, SPY=PRICE)
def _() -> str:
    return table("Date,,Open,Close", lambda d, o, h, b, c: f"{d},IWM,{o},{c}\n{d},SPY,{o / 2:.2f},{c / 2:.2f}")


@form("FRED, a spread that goes below zero", "T10Y2Y.csv", close=tuple(round(c / 500 - 2, 2) for c in CLOSES),
      T10Y2Y="rate")  # fmt: skip
def _() -> str:
    return table("observation_date,T10Y2Y", lambda d, o, h, b, c: f"{d},{c / 500 - 2:.2f}")


@form("Treasury rates with a spread", "rates.csv", close=tuple(round(c / 400, 2) for c in CLOSES),
      **{"2Y": "rate", "10Y": "rate", "Spread_2s10s": "rate"})  # fmt: skip
def _() -> str:
    return table(
        "Date,2Y,10Y,Spread 2s10s", lambda d, o, h, b, c: f"{d},{c / 400:.2f},{c / 300:.2f},{c / 300 - c / 400:.2f}"
    )


@form("a workbook that begins with its notes", "fred.xlsx", fred=PRICE)
def _() -> bytes:
    book = openpyxl.Workbook()
    for line in (["FRED Graph Observations"], ["Federal Reserve Economic Data"], ["Link: https://fred.stlouisfed.org"]):
        book.active.append(line)
    sheet = book.create_sheet("Daily")
    for row in (["observation_date", "SP500"], *([dt.datetime(d.year, d.month, d.day), bar[3]] for d, bar in ROWS)):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@form("Datastream", "datastream.xlsx", S_P_500=PRICE, FTSE_100=PRICE)
def _() -> bytes:
    book = openpyxl.Workbook()
    for line in (["Name", "S&P 500", "FTSE 100"], ["Code", "S&PCOMP", "FTSE100"], ["CURRENCY", "U$", "£"]):
        book.active.append(line)
    for day, bar in ROWS:
        book.active.append([dt.datetime(day.year, day.month, day.day), bar[3], bar[3] * 2])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@form("blocks side by side", "side.csv", refusal="Save each block as a separate file.")
def _() -> str:
    return table("SPX Date,SPX,UKX Date,UKX", lambda d, o, h, b, c: f"{d},{c},{d + dt.timedelta(days=1)},{c * 2:.2f}")


@form("no names", "bare.csv", refusal="Add a line of names: date,close")
def _() -> str:
    return "".join(f"{d:%d-%b-%Y};${bar[3]}\n" for d, bar in ROWS)


@form("a footnote at a close", "footnote.csv", refusal='Close = "1009.73*": must be a number')
def _() -> str:
    text = table("Date,Open,High,Low,Close", lambda d, o, h, b, c: f"{d},{o},{h},{b},{c}")
    head, _, rest = text.partition("\n")
    first, _, rest = rest.partition("\n")
    return f"{head}\n{first.rpartition(',')[0]},1009.73*\n{rest}"


@form("Compustat", "compustat.csv", refusal="which column is the price of each tic: ajexdi, prccd")
def _() -> str:
    return table(
        "gvkey,datadate,tic,ajexdi,prccd", lambda d, o, h, b, c: f"1690,{d},AAPL,1,{c}\n1691,{d},MSFT,2,{c / 2:.2f}"
    )


@form("an index beside its turnover", "cse.csv", refusal="which column is the price: Value, ASPI")
def _() -> str:
    return table("Date,ASPI,Value", lambda d, o, h, b, c: f"{d},{c},{c * 5000:.0f}")


@form("a language that is not known", "avanza.csv", refusal="look like open, high, low and close of one series")
def _() -> str:
    return table(
        "Datum;Öppet;Högsta;Lägsta;Senast", lambda d, o, h, b, c: f"{d};{german(o)};{german(h)};{german(b)};{german(c)}"
    )


@form("Tel Aviv", "ta35.csv", refusal='exchange = "XTAE"')
def _() -> str:
    days = np.busday_offset("2022-01-02", np.arange(150), weekmask="1111001").tolist()
    return "\n".join(["Date,Close", *(f"{day},{100 + n}" for n, day in enumerate(days))]) + "\n"


@form("months, and then days", "spx.csv", refusal="one row per month (121 from 2012-01-28 to 2022-01-03)")
def _() -> str:
    months = [f"{2012 + m // 12}-{m % 12 + 1:02d}-28,{100 + m}" for m in range(120)]
    return "\n".join(["date,close", *months, *(f"{day},{bar[3]}" for day, bar in ROWS)]) + "\n"


@form("a page of the web", "error.csv", refusal="Download the data as CSV.")
def _() -> str:
    return "<!DOCTYPE html><html><body>Too many requests</body></html>\n"
