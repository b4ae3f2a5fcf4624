"""Files of Yahoo, Stooq, Investing.com, exchanges and statistical offices."""

from __future__ import annotations

from .vendor_forms import (
    CLOSES,
    DAYS,
    MOVES,
    PRICE,
    TOTAL,
    form,
    german,
    grouped,
    table,
    zipped,
)


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
      close=tuple(round(100 * float(move), 2) for move in MOVES),
      Lo_30="percent_return", Hi_30="percent_return")  # fmt: skip
def _() -> bytes:
    rows = [f"{day:%Y%m%d}, {100 * move:.2f}, {-50 * move:.2f}" for day, move in zip(DAYS, MOVES, strict=True)]
    body = "\n".join([",Lo 30,Hi 30", *rows]) + "\n"
    text = "This file was created by CMPT_ME_RETS_DAILY using the 202209 CRSP database.\n\n"
    text += f"  Average Value Weighted Returns -- Daily\n{body}\n"
    text += f"  Average Equal Weighted Returns -- Daily\n{body.replace('.1', '.2')}\nCopyright 2022 Kenneth R. French\n"
    return zipped("Portfolios_Formed_on_ME_Daily.CSV", text)
