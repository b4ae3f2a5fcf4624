"""The names of columns in price files, as vendors use them in several languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from backtest.data.files.columns import comparable_name

CLOSES = (
    *("settle", "settlement", "settlement price", "close", "closelast", "last", "latest", "px_last", "last price"),
    *("closing price", "close price", "price", "value", "schlusskurs", "schluss", "zuletzt", "ultimo", "cierre"),
    *("dernier", "cloture", "fechamento", "chiusura", "zamkniecie", "收盘", "收盘价", "終値", "prc", "closing value"),
    *("index value", "nav", "obs_value"),
)
"""Names of a close, most reliable first: if a file has two of them, the first is read."""
WORDS: dict[str, tuple[str, ...]] = {
    "open": (
        *("open", "px_open", "opening price", "open price", "erster", "eroffnung", "eroffn", "apertura", "abertura"),
        *("ouv", "ouverture", "otwarcie", "开盘", "开盘价", "始値"),
    ),
    "high": (
        *("high", "px_high", "high price", "hoch", "maxima", "maximo", "max", "plus haut", "haut", "massimo"),
        *("najwyzszy", "最高", "最高价", "高値"),
    ),
    "low": (
        *("low", "px_low", "low price", "tief", "minima", "minimo", "min", "plus bas", "bas", "najnizszy", "最低"),
        *("最低价", "安値"),
    ),
    "close": CLOSES,
}
LEVELS = {word: level for level, words in WORDS.items() for word in words}
SHARED = frozenset(("open", "high", "low", "close"))
"""Words that may be combined with a series' name in one column name: ``VIX Close``, ``AAPL.Open``."""
NOT_READ = re.compile(
    r"vol|volume|.*[ _]volume|volume.*|tick_?vol|tickvol|(total )?(trades?|turnover|amount|quantity|shares traded)|"
    r"dividends?|div_?cash|dividend[ _]amount|ex-?dividend|stock splits?|split[ _]?(factor|coefficient|ratio)|splits?|"
    r"capital gains?|spread|efp|open ?int(erest)?|oi|trade ?count|count|number of trades|vwap|vw|transactions|"
    r"(rsi|sma|ema|wma|macd|atr|adx)([ _]?\d+)*|bollinger.*|stucke?|umsatz|obrot|wolumen|volumen|volume mln|"
    r"成交量|成交额|出来高|unnamed.*|__index_level_\d+__|prev(ious)?[ _]?close|px_volume|series_?id|cotacoes|"
    r"quote asset volume|taker buy.*|ignore|close[ _]?time"
)
"""Full names of columns that are not series."""
BESIDE_A_CLOSE = re.compile(
    r"%? ?ch(an)?ge?s?( ?%| in points)?|% ?chg|chg|var ?%|var|variacao.*|veranderung.*|perf.*|.*returns?|ret[xn]?|"
    r"diff.*"
)
MATURITY = re.compile(r"(bc_)?\d+(\.\d+)?[ _]?(mo|mos|month|months|m|yr|yrs|year|years|y)|\d+(month|year)", re.I)
ADJUSTED = re.compile(r"adj(usted|\.)?[ _.]?|\*$", re.I)
STOPPED = frozenset(("previous", "prev", "yesterday", "last", "change", "unadjusted", "raw", "pre", "after", "average"))
"""Words that, next to ``close``, name something other than a series."""


class Role(NamedTuple):
    """The role of a column: a level of a series, adjusted or not."""

    level: str
    adjusted: bool
    series: str
    """The series' name; empty if the column's name only names the level."""
    rank: int
    """Rank among the names of a close; lower is more reliable."""


def folded(name: str) -> str:
    """Return a column's name in lower case, without accents and punctuation."""
    bare = unicodedata.normalize("NFKD", comparable_name(name).replace("ł", "l"))
    return "".join(c for c in bare if not unicodedata.combining(c)).strip()


def role_of(name: str) -> Role | None:
    """Return the level and the series that a column's name tells; None if it tells no level."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip().strip("<>"))
    for bare, adjusted in ((name, False), (ADJUSTED.sub("", split, count=1), True)):
        word = folded(bare)
        if word in LEVELS and (adjusted is False or ADJUSTED.search(split)):
            level = LEVELS[word]
            return Role(level, adjusted, "", CLOSES.index(word) if level == "close" else 0)
    parts = [part for part in re.split(r"[\s_.:/|-]+", name.strip()) if part]
    for at, rest in ((0, parts[1:]), (-1, parts[:-1])):
        alone = len(parts) > 1 and ADJUSTED.fullmatch(parts[at]) is not None  # as in quantmod: RUT.Adjusted
        if len(parts) > 1 and (alone or parts[at].lower() in SHARED):
            adjusted = alone or any(ADJUSTED.fullmatch(part) for part in rest)
            named = [part for part in rest if not ADJUSTED.fullmatch(part)]
            if named and not {part.lower() for part in named} & STOPPED:
                return Role("close" if alone else parts[at].lower(), adjusted, " ".join(named), 0)
    return None


def is_not_read(name: str) -> bool:
    """Tell from its name that a column is not a series."""
    return NOT_READ.fullmatch(folded(name)) is not None


def repeats_close(name: str) -> bool:
    """Tell whether a column, next to a close, only repeats how much the close changed."""
    return BESIDE_A_CLOSE.fullmatch(folded(name)) is not None


def are_maturities(names: Iterable[str]) -> bool:
    """Tell whether the columns are named by maturities, as yields are: ``2 Yr``, ``3M``."""
    found = [name for name in names if name.strip()]
    return bool(found) and all(MATURITY.fullmatch(folded(name)) for name in found)
