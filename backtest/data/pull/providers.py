"""The providers that a manifest may name, and what each kind of series takes from an answer."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.data.files.source import Source
from backtest.data.manifest.manifest import Series
from backtest.data.pull import fred, french, yahoo
from backtest.data.pull.http import Client, FetchFailed
from backtest.data.pull.table import Fetched, Table
from backtest.errors import DataRefused
from backtest.files import sha256_of
from backtest.model import Floats, Sessions

ADAPTERS = {"yahoo": yahoo, "fred": fred, "french": french}
INSTALL = "Run: pip install 'episode-backtest[providers]'"
CURRENCY = re.compile(r"[A-Z]{3}\b")


@dataclass(frozen=True, order=True)
class Request:
    """One request to a provider; several series may use its answer."""

    provider: str
    symbol: str

    def __str__(self) -> str:
        return f"{self.provider} {self.symbol}"


def requests_of(spec: Series) -> list[Request]:
    """Return a series' requests: one per symbol; where an earlier symbol has no value, a later one fills in."""
    if spec.provider is None or spec.symbol is None:
        return []
    return [Request(spec.provider, symbol.strip()) for symbol in spec.symbol.split(",")]


def require_libraries(providers: Iterable[str]) -> None:
    """Refuse to begin if a library that the providers need is not installed.

    Raises
    ------
    DataRefused
        The extra is not installed.
    """
    for provider in sorted(set(providers)):
        for module in ADAPTERS[provider].MODULES:
            try:
                importlib.import_module(module)
            except ImportError as error:
                name = module.replace("_", "-")
                raise DataRefused(f"pulling from {provider} needs {name}: {error}.", INSTALL) from error


def fetch(request: Request, client: Client) -> Fetched:
    """Fetch one answer.

    Raises
    ------
    FetchFailed
        There was no answer, or the provider's library cannot read it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the libraries' own code
            fetched: Fetched = ADAPTERS[request.provider].fetch(request.symbol, client)
    except FetchFailed:
        raise
    except Exception as error:  # third-party parsers on third-party data: any exception is possible
        raise FetchFailed(f"the answer cannot be read ({type(error).__name__}: {error})") from error
    if not len(fetched.table.dates):
        raise FetchFailed("has no rows")
    return fetched


def source_of(spec: Series, answers: Mapping[Request, tuple[Table, str]], since: dt.date | None) -> Source:
    """Arrange what a series takes from its answers as a file that its manifest describes.

    A total return takes Yahoo's prices adjusted for dividends, all four by the same factor; a price index takes them
    as quoted. French's columns have the names that ``columns`` gives.

    Parameters
    ----------
    spec : Series
        The series, with provider and symbol.
    answers : mapping of Request to (Table, str)
        Each answer, and its SHA-256.
    since : date, optional
        Rows before this day are left out.

    Raises
    ------
    DataRefused
        The currency differs from the manifest's, or a total return would need dividends that the answer lacks.
    """
    requests = requests_of(spec)
    parts = [_part(spec, request, answers[request][0], since) for request in requests]
    dates, fields = _combined(parts)
    columns = {spec.columns.date: _chunked(arrow.days(dates))}
    columns |= {name: _chunked(arrow.floats(values)) for name, values in fields.items()}
    hashes = [answers[request][1] for request in requests]
    sha256 = hashes[0] if len(hashes) == 1 else sha256_of("\n".join(hashes).encode())
    lines = np.arange(1, len(dates) + 1)
    return Source(name=f"{spec.provider} {spec.symbol}", sha256=sha256, columns=dict(columns), lines=lines, unit="row")


def _part(spec: Series, request: Request, table: Table, since: dt.date | None) -> tuple[Sessions, dict[str, Floats]]:
    unit, currency = CURRENCY.match(spec.unit), table.facts.get("currency", "")
    if unit and currency and unit[0] != currency:
        raise DataRefused(f"{request}: is in {currency}: must be in {unit[0]}, the unit in the manifest.")
    keep = np.ones(len(table.dates), dtype=np.bool_) if since is None else table.dates >= np.datetime64(since)
    columns = {name: values[keep] for name, values in table.columns.items()}
    if request.provider == "french":
        return table.dates[keep], columns
    if spec.kind == "total_return_index" and request.provider == "yahoo":
        if "adj_close" not in columns:
            text = f"{request}: the answer has no dividend-adjusted prices, which a {spec.kind} needs."
            raise DataRefused(text, 'If it pays no dividends, write kind = "price_index".')
        close = columns["close"]
        factor = np.divide(columns["adj_close"], close, out=np.full(len(close), np.nan), where=close != 0)
        columns = {name: columns[name] * factor for name in ("open", "high", "low")} | {"close": columns["adj_close"]}
    wanted = {name: getattr(spec.columns, name) for name in ("open", "high", "low", "close")}
    return table.dates[keep], {name: columns[ours] for ours, name in wanted.items() if name and ours in columns}


def _combined(parts: Sequence[tuple[Sessions, dict[str, Floats]]]) -> tuple[Sessions, dict[str, Floats]]:
    """Fill dates without a value from later parts; a single part stays as it is."""
    dates, columns = parts[0]
    for more_dates, more in parts[1:]:
        union = np.unique(np.concatenate([dates, more_dates]))
        joined = {}
        for name, values in columns.items():
            joined[name] = _spread(union, dates, values)
            other = _spread(union, more_dates, more[name])
            joined[name] = np.where(np.isnan(joined[name]), other, joined[name])
        dates, columns = union, joined
    return dates, columns


def _spread(onto: Sessions, dates: Sessions, values: Floats) -> Floats:
    spread = np.full(len(onto), np.nan)
    spread[np.searchsorted(onto, dates)] = values
    return spread


def _chunked(array: pa.Array) -> pa.ChunkedArray:
    return pa.chunked_array([array])
