"""Files of paid services, banks, brokers, terminals and programs."""

from __future__ import annotations

import datetime as dt
import gzip
import io

import openpyxl

from .vendor_forms import (
    CLOSES,
    DAYS,
    PRICE,
    ROWS,
    TOTAL,
    form,
    german,
    table,
)


@form("Alpha Vantage", "daily_adjusted_IWM.csv", daily_adjusted_IWM=PRICE, daily_adjusted_IWM_total_return=TOTAL)
def _() -> str:
    head = "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient"
    return table(head, lambda d, o, h, b, c: f"{d},{o},{h},{b},{c},{c},1000,0.0000,1.0", newest_first=True)


@form("Tiingo", "IWM.csv", IWM=PRICE, IWM_total_return=TOTAL)
def _() -> str:
    head = "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor"
    return table(head, lambda d, o, h, b, c: f"{d},{c},{h},{b},{o},9,{c},{h},{b},{o},9,0.0,1.0")


@form("Polygon", "IWM.csv", IWM=PRICE)
def _() -> str:
    def row(d: dt.date, o: float, h: float, b: float, c: float) -> str:
        moment = int(dt.datetime(d.year, d.month, d.day, 4, tzinfo=dt.UTC).timestamp() * 1000)
        return f"1000.0,{(h + b) / 2:.4f},{o},{c},{h},{b},{moment},512"

    return table("volume,vwap,open,close,high,low,timestamp,transactions", row)


@form("TradingView", "TVC_RUT, 1D.csv", TVC_RUT_1D=PRICE)
def _() -> str:
    def row(d: dt.date, o: float, h: float, b: float, c: float) -> str:
        moment = int(dt.datetime(d.year, d.month, d.day, 14, 30, tzinfo=dt.UTC).timestamp())
        return f"{moment},{o},{h},{b},{c},55.1"

    return table("time,open,high,low,close,RSI", row)


@form("MetaTrader 5", "RUT_Daily.csv", RUT_Daily=PRICE)
def _() -> str:
    head = "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>"
    return table(head, lambda d, o, h, b, c: f"{d:%Y.%m.%d}\t{o}\t{h}\t{b}\t{c}\t100\t0\t0")


@form("CryptoDataDownload", "Binance_d.csv", Binance_d=PRICE)
def _() -> str:
    def row(d: dt.date, o: float, h: float, b: float, c: float) -> str:
        moment = int(dt.datetime(d.year, d.month, d.day, tzinfo=dt.UTC).timestamp() * 1000)
        return f"{moment},{d} 00:00:00,BTCUSDT,{o},{h},{b},{c},5.1,99.9,7"

    head = "https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount"
    return table(head, row, newest_first=True)


@form("CRSP", "crsp.csv", close=tuple(round(c / 50_000 - 0.02, 6) for c in CLOSES),
      **{"10001_returns": "percent_return", "10001": TOTAL})  # fmt: skip
def _() -> str:
    text = table(
        "PERMNO,date,COMNAM,PRC,VOL,RET,vwretd",
        lambda d, o, h, b, c: f"10001,{d:%Y%m%d},ALPHA INC,-{c},1000,{c / 50_000 - 0.02:.6f},0.001",
    )
    first = text.split("\n")[1]
    return text.replace(first, "10001,20211231,ALPHA INC,99.5,1000,C,0.001\n" + first)


@form("Bundesbank", "BBK01.csv", BBK01=PRICE)
def _() -> str:
    head = '"";BBK01.WU3141;BBK01.WU3141_FLAGS\n"";DAX;""\nEinheit;1987-12-30 = 1000;\nStand vom;03.10.2022 18:01;'
    text = "\n".join(f"{d};{german(bar[3]).replace('.', '')};" for d, bar in ROWS)
    return f"{head}\n{text}\n"


@form("ECB", "data.csv", data=PRICE)
def _() -> str:
    return table(
        '"DATE","TIME PERIOD","Euro Stoxx 50 (FM.D.U2.EUR)"', lambda d, o, h, b, c: f'"{d}","{d:%d %b %Y}","{c}"'
    )


@form("NSE", "NIFTY 50.csv", NIFTY_50=PRICE)
def _() -> str:
    return table(
        '"Date ","Open ","High ","Low ","Close ","Shares Traded ","Turnover (₹ Cr)"',
        lambda d, o, h, b, c: f'"{d:%d-%b-%Y}","{o}","{h}","{b}","{c}","1000","2.5"',
        newest_first=True,
    )


@form("Nikkei", "nikkei_stock_average_daily_jp.csv", nikkei_stock_average_daily_jp=PRICE)
def _() -> bytes:
    text = table('"Date","Close","Open","High","Low"', lambda d, o, h, b, c: f'"{d:%Y/%m/%d}","{c}","{o}","{h}","{b}"')
    return (
        text + "This material is a copyrighted work of the publisher. No part may be used without consent.\n"
    ).encode()


@form("Bloomberg, as a workbook", "grid1.xlsx", grid1=PRICE)
def _() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Security", "RTY Index"], ["Start Date", dt.datetime(2022, 1, 3)], ["Period", "D"], []):
        sheet.append(row)
    sheet.append(["Date", "PX_LAST", "PX_VOLUME"])
    for day, bar in ROWS:
        sheet.append([dt.datetime(day.year, day.month, day.day), bar[3], 1000])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@form("Bloomberg, as text", "grid1.csv", grid1=PRICE)
def _() -> str:
    head = "Security,RTY Index,,\nStart Date,1/3/2022,,\nPeriod,D,,\n,,,\nDate,PX_LAST,PX_OPEN,PX_VOLUME"
    return table(head, lambda d, o, h, b, c: f"{d:%m/%d/%Y},{c},{o},1000", newest_first=True)


@form("a German bank", "wkn_846900_historic.csv", wkn_846900_historic=PRICE)
def _() -> bytes:
    head = "Datum;Erster;Hoch;Tief;Schlusskurs;Stücke;Volumen"
    return table(head, lambda d, o, h, b, c: f"{d};{german(o)};{german(h)};{german(b)};{german(c)};;", True).encode(
        "cp1252"
    )


@form("a Chinese broker", "600000.csv", **{"600000": PRICE})
def _() -> bytes:
    return table("日期,开盘,最高,最低,收盘,成交量", lambda d, o, h, b, c: f"{d:%Y/%m/%d},{o},{h},{b},{c},100").encode(
        "gb18030"
    )


@form("quantmod in R", "RUT.csv", RUT=PRICE, RUT_total_return=TOTAL)
def _() -> str:
    head = '"","RUT.Open","RUT.High","RUT.Low","RUT.Close","RUT.Volume","RUT.Adjusted"'
    return table(head, lambda d, o, h, b, c: f'"{d}",{o},{h},{b},{c},0,{c}')


@form("pandas, a table of closes", "closes.csv.gz", IWM=PRICE, SPY=PRICE)
def _() -> bytes:
    return gzip.compress(table("Date,IWM,SPY", lambda d, o, h, b, c: f"{d},{c},{c / 2:.2f}").encode())


@form("a long file of symbols", "long.csv", IWM=PRICE, SPY=PRICE)
def _() -> str:
    return table("date,symbol,close,volume", lambda d, o, h, b, c: f"{d},IWM,{c},5\n{d},SPY,{c / 2:.2f},5")


@form("Quandl, futures", "CHRIS.csv", CHRIS=PRICE)
def _() -> str:
    head = "Trade Date,Open,High,Low,Last,Change,Settle,Volume,Previous Day Open Interest"
    return table(head, lambda d, o, h, b, c: f"{d},{o},{h},{b},{c + 1},,{c},100,5000", newest_first=True)


@form("Excel with its separator", "report.csv", report=PRICE)
def _() -> str:
    return "sep=;\n" + table("Date;Close", lambda d, o, h, b, c: f"{d:%d/%m/%Y};{german(c)}")


@form("hours, not days", "hourly.csv", refusal="--repair intraday=bars")
def _() -> str:
    return table(
        "time,open,high,low,close", lambda d, o, h, b, c: f"{d} 10:30:00,{o},{h},{b},{c}\n{d} 15:30:00,{c},{h},{b},{c}"
    )


@form("months, not days", "monthly.csv", refusal="one row per month")
def _() -> str:
    lines = [f"{1990 + m // 12}-{m % 12 + 1:02d}-28,{100 + m}" for m in range(120)]
    return "\n".join(["date,close", *lines]) + "\n"


@form("a day early, in UTC", "berlin.csv", refusal='time_zone = "Europe/Berlin"')
def _() -> str:
    return table("Date,Close", lambda d, o, h, b, c: f"{d - dt.timedelta(days=1)} 23:00:00+00:00,{c}")


@form("days and months that may be either", "either.csv", refusal='date_format = "%d/%m/%Y"')
def _() -> str:
    days = [d for d in DAYS if d.day <= 12]
    return "\n".join(["date,close", *(f"{d:%d/%m/%Y},{100 + n}" for n, d in enumerate(days))]) + "\n"


@form("CRSP without returns", "prices.csv", refusal="RET")
def _() -> str:
    return table("PERMNO,date,PRC", lambda d, o, h, b, c: f"10001,{d:%Y%m%d},-{c}")
