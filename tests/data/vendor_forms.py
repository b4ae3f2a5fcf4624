"""One history as some forty vendors write it: what a file looks like, and what must be read from it."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backtest.data.firewall.exchange import exchange_of

FIRST, LAST = np.datetime64("2022-01-03"), np.datetime64("2022-09-30")
DAYS: list[dt.date] = exchange_of("XNYS", FIRST, LAST).expected(FIRST, LAST).tolist()
_moves = np.random.default_rng(7).normal(0.0004, 0.012, len(DAYS))
CLOSES = [round(float(level), 2) for level in 1000.0 * np.exp(np.cumsum(_moves))]
BARS = [(round(c * 0.997, 2), round(c * 1.006, 2), round(c * 0.992, 2), c) for c in CLOSES]
ROWS = list(zip(DAYS, BARS, strict=True))


@dataclass(frozen=True)
class Form:
    """A vendor's file, and what its first series must hold."""

    vendor: str
    file: str
    content: bytes
    series: dict[str, str]
    """Names and kinds of the series, in order; empty where the file is refused."""
    close: tuple[float, ...] = tuple(CLOSES)
    """Of the first series."""
    refusal: str = ""
    """What the refusal names."""


FORMS: list[Form] = []


def form(
    vendor: str, file: str, refusal: str = "", close: tuple[float, ...] = tuple(CLOSES), **series: str
) -> Callable[[Callable[[], str | bytes]], Callable[[], str | bytes]]:
    def add(write: Callable[[], str | bytes]) -> Callable[[], str | bytes]:
        content = write()
        raw = content if isinstance(content, bytes) else content.encode()
        FORMS.append(Form(vendor, file, raw, series, close, refusal))
        return write

    return add


def table(header: str, row: Callable[..., str], newest_first: bool = False) -> str:
    lines = [row(day, *bar) for day, bar in ROWS]
    return "\n".join([header, *(reversed(lines) if newest_first else lines)]) + "\n"


def _zipped(name: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text.replace("\n", "\r\n"))
    return buffer.getvalue()


def grouped(value: float) -> str:
    return f"{value:,.2f}"


def german(value: float) -> str:
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


PRICE, TOTAL = "price_index", "total_return_index"


@form("Yahoo, downloaded until 2024", "^GSPC.csv", GSPC=PRICE, GSPC_total_return=TOTAL)
def _() -> str:
    return table("Date,Open,High,Low,Close,Adj Close,Volume", lambda d, o, h, b, c: f"{d},{o},{h},{b},{c},{c},3990000")


@form("Yahoo, copied from the page", "history.csv", history=PRICE, history_total_return=TOTAL)
def _() -> str:
    return table(
        "Date\tOpen\tHigh\tLow\tClose\tAdj Close\tVolume",
        lambda d, o, h, b, c: "\t".join((f"{d:%b} {d.day}, {d.year}", *map(grouped, (o, h, b, c, c)), "3,990,000")),
        newest_first=True,
    )


@form("yfinance, one ticker", "IWM.csv", IWM=PRICE)
def _() -> str:
    head = "Price,Close,High,Low,Open,Volume\nTicker,IWM,IWM,IWM,IWM,IWM\nDate,,,,,"
    return table(head, lambda d, o, h, b, c: f"{d},{c},{h},{b},{o},1000")


@form("yfinance, several tickers", "download.csv", IWM=PRICE, SPY=PRICE)
def _() -> str:
    head = "Price,Close,Close,High,High,Low,Low\nTicker,IWM,SPY,IWM,SPY,IWM,SPY\nDate,,,,,,"
    return table(head, lambda d, o, h, b, c: f"{d},{c},{c / 2:.2f},{h},{h / 2:.2f},{b},{b / 2:.2f}")


@form("yfinance, grouped by ticker", "by_ticker.csv", IWM=PRICE, SPY=PRICE)
def _() -> str:
    head = "Ticker,IWM,IWM,SPY,SPY\nPrice,Open,Close,Open,Close\nDate,,,,"
    return table(head, lambda d, o, h, b, c: f"{d},{o},{c},{o / 2:.2f},{c / 2:.2f}")


@form("Stooq", "wig_us_d.csv", wig_us_d=PRICE)
def _() -> str:
    return table("Date,Open,High,Low,Close,Volume", lambda d, o, h, b, c: f"{d},{o},{h},{b},{c},1234")


@form("Stooq in Polish", "wig_d.csv", wig_d=PRICE)
def _() -> str:
    return table("Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen", lambda d, o, h, b, c: f"{d},{o},{h},{b},{c},9")


@form("Stooq, its bulk files", "iwm.us.txt", iwm=PRICE)
def _() -> str:
    head = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>"
    return table(head, lambda d, o, h, b, c: f"IWM.US,D,{d:%Y%m%d},000000,{o},{h},{b},{c},100,0")


@form("Investing.com in English", "Russell 2000 Historical Data.csv", Russell_2000_Historical_Data=PRICE)
def _() -> str:
    return "\ufeff" + table(
        '"Date","Price","Open","High","Low","Vol.","Change %"',
        lambda d, o, h, b, c: (
            f'"{d:%m/%d/%Y}",' + ",".join(f'"{grouped(x)}"' for x in (c, o, h, b)) + ',"1.43B","0.65%"'
        ),
        newest_first=True,
    )


@form("Investing.com in German", "DAX Historische Daten.csv", DAX_Historische_Daten=PRICE)
def _() -> str:
    return "\ufeff" + table(
        '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"',
        lambda d, o, h, b, c: (
            f'"{d:%d.%m.%Y}",' + ",".join(f'"{german(x)}"' for x in (c, o, h, b)) + ',"8,92M","-0,73%"'
        ),
        newest_first=True,
    )


@form("Investing.com in Portuguese", "Dados.csv", Dados=PRICE, close=tuple(float(round(c) * 100) for c in CLOSES))
def _() -> str:
    def thousands(value: float) -> str:
        return f"{round(value) * 100:,}".replace(",", ".")

    return "\ufeff" + table(
        '"Data","Último","Abertura","Máxima","Mínima","Vol.","Var%"',
        lambda d, o, h, b, c: (
            f'"{d:%d.%m.%Y}",' + ",".join(f'"{thousands(x)}"' for x in (c, o, h, b)) + ',"8,92M","-0,73%"'
        ),
        newest_first=True,
    )


@form("Investing.com in Spanish", "Datos.csv", Datos=PRICE)
def _() -> str:
    return "\ufeff" + table(
        '"Fecha","Último","Apertura","Máximo","Mínimo","Vol.","% var."',
        lambda d, o, h, b, c: f'"{d:%d.%m.%Y}",' + ",".join(f'"{german(x)}"' for x in (c, o, h, b)) + ',"","-0,73%"',
    )


@form("Nasdaq", "HistoricalData_1656.csv", HistoricalData_1656=PRICE)
def _() -> str:
    return table(
        "Date,Close/Last,Volume,Open,High,Low",
        lambda d, o, h, b, c: f"{d:%m/%d/%Y},${c},3990000,${o},${h},${b}",
        newest_first=True,
    )


@form("Wall Street Journal", "HistoricalPrices.csv", HistoricalPrices=PRICE)
def _() -> str:
    return table("Date, Open, High, Low, Close", lambda d, o, h, b, c: f"{d:%m/%d/%y}, {o}, {h}, {b}, {c}", True)


@form("Barchart", "rut_daily_historical-data.csv", **{"rut_daily_historical-data": PRICE})
def _() -> str:
    text = table(
        "Time,Open,High,Low,Latest,Change,%Change,Volume",
        lambda d, o, h, b, c: f'{d:%m/%d/%Y},{o},{h},{b},{c},-1.5,-0.15%,"1,000"',
        newest_first=True,
    )
    return text + '"Downloaded from Barchart.com as of 10-02-2022 08:09am CDT"\n'


@form("CBOE", "VIX_History.csv", VIX_History=PRICE)
def _() -> str:
    return table("DATE,OPEN,HIGH,LOW,CLOSE", lambda d, o, h, b, c: f"{d:%m/%d/%Y},{o:.6f},{h:.6f},{b:.6f},{c:.6f}")


@form("CBOE, with its disclaimer", "vixarchive.csv", VIX=PRICE)
def _() -> str:
    head = "Cboe data are compiled for convenience and furnished without responsibility for accuracy.,,,,\n"
    return head + table(
        "Date,VIX Open,VIX High,VIX Low,VIX Close", lambda d, o, h, b, c: f"{d:%m/%d/%Y},{o},{h},{b},{c}"
    )


@form("FRED until 2024", "SP500.csv", SP500=PRICE)
def _() -> str:
    return table("DATE,SP500", lambda d, o, h, b, c: f"{d},{c}")


@form("FRED, with holidays marked", "DGS10.csv", close=tuple(round(c / 300, 2) for c in CLOSES), DGS10="rate")
def _() -> str:
    text = table("observation_date,DGS10", lambda d, o, h, b, c: f"{d},{c / 300:.2f}")
    return text.replace("2022-01-18,", "2022-01-17,.\n2022-01-18,")


@form("Treasury, daily rates", "daily-treasury-rates.csv", close=tuple(round(c / 400, 2) for c in CLOSES),
      **{"2_Yr": "rate", "10_Yr": "rate"})  # fmt: skip
def _() -> str:
    return table('Date,"2 Yr","10 Yr"', lambda d, o, h, b, c: f"{d:%m/%d/%Y},{c / 400:.2f},{c / 300:.2f}", True)


@form("Kenneth French, zipped", "Portfolios_Formed_on_ME_Daily_CSV.zip",
      close=tuple(round(c / 500 - 2, 2) for c in CLOSES),
      Lo_30="percent_return", Hi_30="percent_return")  # fmt: skip
def _() -> bytes:
    body = table(",Lo 30,Hi 30", lambda d, o, h, b, c: f"{d:%Y%m%d}, {c / 500 - 2:.2f}, {1.5 - c / 700:.2f}")
    text = "This file was created by CMPT_ME_RETS_DAILY using the 202209 CRSP database.\n\n"
    text += f"  Average Value Weighted Returns -- Daily\n{body}\n"
    text += f"  Average Equal Weighted Returns -- Daily\n{body.replace('.1', '.2')}\nCopyright 2022 Kenneth R. French\n"
    return _zipped("Portfolios_Formed_on_ME_Daily.CSV", text)


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
    import openpyxl

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


@form("months, not days", "monthly.csv", refusal="one row a month")
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
