"""The real tables of ../shared, read as they lie there."""

from __future__ import annotations

import csv
import functools

import numpy as np
import pyarrow.parquet as pq
import pytest

from backtest.model import Contracts

PREFERRED = ("pyfedwatch", "ibkr_heliar", "yahoo_avlsv", "databento_continuous")


@pytest.fixture(scope="session")
def futures(shared):
    """(sessions, Contracts) of one source of prices, or of all, the first of `PREFERRED` where two quote the same."""
    quotes = pq.ParquetFile(shared / "data" / "rates" / "fed_funds_futures.parquet").read()
    day = quotes["date"].to_numpy().astype("datetime64[D]")
    month = np.array(quotes["contract_month"].to_pylist(), dtype="datetime64[M]").astype(np.int64)
    price, source = quotes["price"].to_numpy(), np.array(quotes["source"].to_pylist())

    @functools.cache
    def build(*sources):
        sources = sources or PREFERRED
        rank = np.full(len(day), len(sources))
        for i, name in enumerate(sources):
            rank[source == name] = i
        order = np.lexsort((rank, month, day))
        order = order[(rank[order] < len(sources)) & np.isfinite(price[order])]
        first = np.append(True, (np.diff(month[order]) != 0) | (day[order][1:] != day[order][:-1]))
        kept = order[first]
        sessions, position = np.unique(day[kept], return_inverse=True)
        return sessions, Contracts(position, month[kept], price[kept])

    return build


@pytest.fixture(scope="session")
def fred(shared):
    """{column: (days, values)} of the series from FRED, without blanks."""
    with (shared / "data" / "rates" / "fred.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = ("DFF", "DFEDTARU", "target_1982_on")
    kept = {name: [(row["date"], row[name]) for row in rows if row[name]] for name in names}
    return {
        name: (np.array([d for d, _ in pairs], dtype="datetime64[D]"), np.array([float(v) for _, v in pairs]))
        for name, pairs in kept.items()
    }


@pytest.fixture(scope="session")
def published(shared):
    """CME's own history: {(date, meeting): {lower bound in basis points: probability}}."""
    found = {}
    with (shared / "data" / "rates" / "fedwatch_probabilities.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            odds = found.setdefault((row["date"], row["meeting_date"]), {})
            odds[int(row["rate_low_bp"])] = float(row["prob"])
    return found
