"""Every kind of damage, planted in good data: what the tests expect, and the table of docs/data.md is made from.

A test compares the table with the document, and prints it where they differ.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

FIRST, LAST = "2021-01-04", "2023-12-29"
SERIES = """
[series.PRICE]
title = "Price"
kind = "price_index"
unit = "points"
file = "price.csv"
columns = { open = "open" }

[series.SMALL]
title = "Small"
kind = "total_return_index"
unit = "points"
file = "small.csv"

[series.MEGA]
title = "Mega"
kind = "total_return_index"
unit = "points"
file = "mega.csv"

[series.RETURN]
title = "Return"
kind = "percent_return"
unit = "percent"
file = "return.csv"

[series.RATE]
title = "Rate"
kind = "rate"
unit = "percent"
file = "rate.csv"

[series.FUTURES]
title = "Futures"
kind = "futures"
unit = "100 minus percent"
file = "futures.csv"

[roles]
small = "SMALL"
mega = "MEGA"
"""
HEAD = """schema = 1
name = "mine"
title = "Good data"
licence = "simulated"
redistributable = true
[calendar]
exchange = "XNYS"
"""
Rows = list[list[str]]
Files = dict[str, Rows]


def sessions() -> list[str]:
    import warnings

    import exchange_calendars

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calendar = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST)
        return [str(day.date()) for day in calendar.sessions]


def good() -> Files:
    return {name: [list(row) for row in rows] for name, rows in _good().items()}


@cache
def _good() -> Files:
    """Three years of every kind of series, without a fault: header first, then a row a session."""
    rng, days = np.random.default_rng(7), sessions()
    n = len(days)

    def level(start: float) -> np.ndarray:
        return start * np.exp(np.cumsum(0.01 * rng.standard_t(5, n)))

    price = level(2000.0)
    opens = np.concatenate([[2000.0], price[:-1]]) * np.exp(0.003 * rng.standard_normal(n))
    rate = np.round(5 + np.cumsum(0.02 * rng.standard_normal(n)), 2)
    columns = {"small": level(50.0), "mega": level(80.0), "return": 0.8 * rng.standard_t(5, n), "rate": rate}
    files: Files = {
        name: [["date", "close"], *([day, f"{value:.4f}"] for day, value in zip(days, values, strict=True))]
        for name, values in columns.items()
    }
    pairs = zip(days, opens, price, strict=True)
    files["price"] = [["date", "open", "close"], *([day, f"{o:.4f}", f"{c:.4f}"] for day, o, c in pairs)]
    files["futures"] = [["date", "contract", "price"]]
    for day in days[:200]:
        prices = 94 + 0.5 * rng.standard_normal(3)
        files["futures"] += [[day, f"2022-0{k}", f"{price:.3f}"] for k, price in enumerate(prices, 1)]
    return files


def text_of(rows: Rows) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def write(folder: Path, files: Files) -> None:
    for name, rows in files.items():
        (folder / f"{name}.csv").write_text(text_of(rows), encoding="utf-8")


@dataclass(frozen=True)
class Damage:
    """One kind of damage: what is done, and what must be said of it."""

    what: str
    plant: Callable[[Files], None]
    rule: str
    """The rule that finds it, or "unreadable": refused while the file is read."""
    series: str
    severity: str = "error"
    manifest: str = SERIES
    again: bool = False
    """Whether the good data are imported first: history is restated against what was there."""


def _scaled(name: str, first: int, factor: float, last: int | None = None) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        for row in files[name][first:last]:
            row[-1] = f"{float(row[-1]) * factor:.4f}"

    return plant


def _set(name: str, row: int, value: str, column: int = -1) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        files[name][row][column] = value

    return plant


def _hold(name: str, first: int, last: int) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        for row in files[name][first:last]:
            row[-1] = files[name][first][-1]

    return plant


def _insert(name: str, row: int, *cells: str) -> Callable[[Files], None]:
    return lambda files: files[name].insert(row, list(cells))


def _add_day(name: str, date: str) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        before = max(row for row in files[name][1:] if row[0] < date)
        files[name].append([date, f"{float(before[-1]) * 1.003:.4f}"])
        files[name][1:] = sorted(files[name][1:])

    return plant


def _cut(name: str, first: int, last: int | None) -> Callable[[Files], None]:
    def plant(files: Files) -> None:
        del files[name][first:last]

    return plant


def _blanks(files: Files) -> None:
    for row in (300, 301, 400):
        files["small"][row][1] = ""


def _blank_end(files: Files) -> None:
    for row in files["small"][-7:]:
        row[1] = ""


def _bars(files: Files) -> None:
    """Give the prices a high and a low, 1% above and below; on one day, the high is the low's."""
    rows = files["price"]
    rows[0] = ["date", "high", "low", "close"]
    rows[1:] = [[row[0], f"{1.01 * float(row[-1]):.4f}", f"{0.99 * float(row[-1]):.4f}", row[-1]] for row in rows[1:]]
    rows[300][1] = f"{0.98 * float(rows[300][-1]):.4f}"


def _mixed_bars(files: Files) -> None:
    _bars(files)
    files["price"][0] = ["date", "low", "high", "close"]


def _hold_contract(files: Files) -> None:
    for row in files["futures"][1:]:
        if row[1] == "2022-03" and row[0] < "2021-06":
            row[-1] = "93.425"


def _copied_opens(files: Files) -> None:
    for before, row in zip(files["price"][1:251], files["price"][2:252], strict=False):
        row[1] = before[-1]


def _no_dividends(files: Files) -> None:
    files["small"] = [["date", "close"], *([row[0], row[-1]] for row in files["price"][1:])]


def _swap(files: Files) -> None:
    rows = files["small"]
    rows[300], rows[301] = rows[301], rows[300]


def _ambiguous(files: Files) -> None:
    rows = [row for row in files["small"][1:] if int(row[0][8:]) <= 12]
    files["small"] = [["date", "close"], *([f"{d[8:]}/{d[5:7]}/{d[:4]}", value] for d, value in rows)]


def _thousands(files: Files) -> None:
    for i, row in enumerate(files["small"][1:]):
        row[1] = f"{1 + i % 9},{i % 900 + 100}"


MIXED = SERIES.replace('title = "Mega"\nkind = "total_return_index"', 'title = "Mega"\nkind = "price_index"')


def _monthly(files: Files) -> None:
    head, *rows = files["small"]
    files["small"] = [head, *rows[::21]]


def _twice_a_day(files: Files) -> None:
    head, *rows = files["small"]
    files["small"] = [head] + [[f"{day} {time}", value] for day, value in rows for time in ("10:30", "16:00")]
    for number, row in enumerate(files["small"][1:]):
        row[1] = f"{float(row[1]) * (1 + number % 2 / 1000):.4f}"


def _day_early(files: Files) -> None:
    for row in files["small"][1:]:
        row[0] = str(np.datetime64(row[0]) - 1)


BARS = SERIES.replace('{ open = "open" }', '{ high = "high", low = "low" }')
SMALL, W = "SMALL", "warning"
DAMAGES = (
    Damage("one row per month", _monthly, "not_daily", SMALL),
    Damage("two rows per day", _twice_a_day, "intraday", SMALL),
    Damage("all dates a day early, as at midnight elsewhere", _day_early, "off_calendar", SMALL),
    Damage("a row twice", lambda f: f["small"].insert(300, list(f["small"][300])), "duplicate_date", SMALL),
    Damage("a date twice, with another value", _insert("small", 301, "2022-03-11", "51.0"), "duplicate_date", SMALL),
    Damage("two rows in the wrong order", _swap, "unsorted", SMALL),
    Damage("a date in the future", _insert("small", 754, "2042-01-03", "51.2"), "future_date", SMALL),
    Damage("a year that cannot be", _set("small", 1, "0201-01-04", 0), "unreadable", SMALL),
    Damage("a Saturday", _add_day("small", "2022-03-12"), "off_calendar", SMALL),
    Damage("a holiday (2022-07-04)", _add_day("small", "2022-07-04"), "off_calendar", SMALL, W),
    Damage("ten sessions missing", _cut("small", 300, 310), "missing_sessions", SMALL, W),
    Damage("three blanks", _blanks, "missing_sessions", SMALL, W),
    Damage("a file that continues without closes", _blank_end, "blank_end", SMALL, W),
    Damage("eight unchanged closes", _hold("small", 300, 308), "stale", SMALL, W),
    Damage("eight unchanged returns", _hold("return", 300, 308), "stale", "RETURN", W),
    Damage("a far contract unchanged for months", _hold_contract, "stale", "FUTURES", W),
    Damage("a split of 2:1, not adjusted", _scaled("small", 300, 0.5), "jump", SMALL),
    Damage("a reverse split of 1:10, not adjusted", _scaled("small", 300, 10.0), "jump", SMALL),
    Damage("a split of 3:2, not adjusted", _scaled("small", 300, 2 / 3), "jump", SMALL, W),
    Damage("a decimal point off by one place", _scaled("small", 300, 10.0, 301), "spike", SMALL),
    Damage("a wrong digit (+30% on one day)", _scaled("small", 300, 1.3, 301), "spike", SMALL, W),
    Damage("a rate ten times too high for a day", _scaled("rate", 300, 10.0, 301), "jump", "RATE", W),
    Damage("a contract ten points too low for a day", _set("futures", 100, "84.1"), "jump", "FUTURES", W),
    Damage("a price of zero", _set("small", 300, "0"), "nonpositive", SMALL),
    Damage("a negative price", _set("small", 300, "-51.2"), "nonpositive", SMALL),
    Damage("nan written out", _set("small", 300, "nan"), "unreadable", SMALL),
    Damage("infinity", _set("small", 300, "1e999"), "unreadable", SMALL),
    Damage("a mark of a missing return (−99.99)", _set("return", 300, "-99.99"), "missing_mark", "RETURN"),
    Damage("fractions read as percent", _scaled("return", 1, 0.01), "magnitude", "RETURN"),
    Damage("basis points read as percent", _scaled("return", 1, 100.0), "magnitude", "RETURN"),
    Damage("a mark of a missing rate (−999)", _set("rate", 300, "-999"), "missing_mark", "RATE"),
    Damage("opens that are the previous close", _copied_opens, "open_is_close", "PRICE", W),
    Damage("a high below its low", _bars, "bars", "PRICE", W, BARS),
    Damage("highs and lows mixed up", _mixed_bars, "bars", "PRICE", manifest=BARS),
    Damage("a total return equal to its price index", _no_dividends, "mixed_bases", SMALL, W),
    Damage("legs on different bases", lambda f: None, "mixed_bases", "SMALL, MEGA", W, MIXED),
    Damage("legs that end on different dates", _cut("mega", -20, None), "uneven_ends", "MEGA", W),
    Damage("a day and a month that cannot be told apart", _ambiguous, "unreadable", SMALL),
    Damage("a comma, of decimals or of thousands", _thousands, "unreadable", SMALL),
    Damage(
        "closes restated since the last import", _scaled("small", 300, 1.004, 310), "restated", SMALL, W, again=True
    ),
    Damage("an open restated", _set("price", 300, "1490", 1), "restated", "PRICE", W, again=True),
    Damage("a settlement restated", _set("futures", 100, "94.5"), "restated", "FUTURES", W, again=True),
    Damage("five rows missing since the last import", _cut("rate", 1, 6), "lost_rows", "RATE", W, again=True),
    Damage("a hundred rows missing since the last import", _cut("rate", 1, 101), "lost_rows", "RATE", again=True),
)


def table(said: list[tuple[Damage, str]]) -> str:
    lines = ["| planted | found as | severity | message |", "|---|---|---|---|"]
    lines += [f"| {item.what} | {item.rule} | {item.severity} | {text} |" for item, text in said]
    return "\n".join(lines) + "\n"
