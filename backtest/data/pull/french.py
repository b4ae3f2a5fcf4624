"""Kenneth French's data library, through pandas-datareader: the first table of a daily file."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np

from backtest.data.pull.http import Client, FetchFailed
from backtest.data.pull.http_sessions import requests_session
from backtest.data.pull.table import Fetched, Table, days_of, is_html

MODULES = ("pandas_datareader", "curl_cffi")
MISSING = -99.0
"""The library marks a missing return with -99.99 or -999; no portfolio loses 99% in a day."""
FIRST_DAY = "1900-01-01"
MOST_BYTES = 256_000_000


def fetch(symbol: str, client: Client) -> Fetched:
    """Fetch a file of daily returns.

    A file holds several tables: value-weighted returns, equal-weighted returns, sometimes numbers of firms, and annual
    returns. Only the first is read. It must hold daily returns, value-weighted if the title mentions weights.

    Parameters
    ----------
    symbol : str
        The file's name without ``_CSV.zip``, such as ``Portfolios_Formed_on_ME_Daily``.
    client : Client
        The client that sends the requests.

    Returns
    -------
    Fetched
        The columns of the table under their own names, in percent per day; NaN where a return is missing.

    Raises
    ------
    FetchFailed
        The library did not answer, or answered with something else.
    """
    from pandas_datareader.famafrench import FamaFrenchReader

    bodies: list[bytes] = []

    def wrong(content: bytes) -> str:
        bodies.append(content)
        return _wrong(content)

    session = requests_session(client, wrong)
    end = client.clock.now().date()
    tables: Any = FamaFrenchReader(symbol, start=FIRST_DAY, end=end, retry_count=0, session=session).read()
    if 0 not in tables:
        raise FetchFailed("holds no table")
    frame = tables[0]
    title = _title(tables["DESCR"])
    if frame.index.freqstr != "D" or ("Weighted" in title and "Value Weighted" not in title):
        raise FetchFailed(f"its first table, '{title}', does not hold daily value-weighted returns")
    names = [str(name).strip() for name in frame.columns]
    values = frame.to_numpy(np.float64)
    columns = {name: np.where(values[:, i] > MISSING, values[:, i], np.nan) for i, name in enumerate(names)}
    return Fetched(bodies[-1], ".zip", Table(days_of(frame.index), columns))


def _title(description: str) -> str:
    """Return the title of the first table; empty if the file gives none."""
    line = next((line for line in description.splitlines() if line.strip().startswith("0 :")), "")
    return line.partition(":")[2].rpartition("(")[0].strip()


def _wrong(content: bytes) -> str:
    if not content.strip():
        return "answered with an empty body"
    if is_html(content):
        return "answered with a web page instead of a zip file"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                return f"answered with a zip file of more than {MOST_BYTES / 1e6:,.0f} MB"
            damaged = archive.testzip()
            names = archive.namelist()
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError):
        return "answered with a zip file that is cut off or damaged"
    if damaged or not names:
        return f"answered with a zip file that {'is damaged' if damaged else 'is empty'}"
    return ""
