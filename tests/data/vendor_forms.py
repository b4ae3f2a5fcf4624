"""One history, and how a vendor's form of it is written down: its file, and what must be read from it."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backtest.data.firewall.exchange import exchange_of

FIRST, LAST = np.datetime64("2022-01-03"), np.datetime64("2022-09-30")
DAYS: list[dt.date] = exchange_of("XNYS", FIRST, LAST).expected(FIRST, LAST).tolist()
MOVES = np.random.default_rng(7).normal(0.0004, 0.012, len(DAYS))
CLOSES = [round(float(level), 2) for level in 1000.0 * np.exp(np.cumsum(MOVES))]
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


def zipped(name: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text.replace("\n", "\r\n"))
    return buffer.getvalue()


def grouped(value: float) -> str:
    return f"{value:,.2f}"


def german(value: float) -> str:
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


PRICE, TOTAL = "price_index", "total_return_index"
