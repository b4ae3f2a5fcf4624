"""Sessions of the HTTP libraries that yfinance and pandas-datareader are built on, taught the manners of `Line`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backtest.data.pull.http import FetchFailed, Line

MOST_REDIRECTS = 5


@dataclass(frozen=True)
class Whole:
    """An answer that has been read to its end."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: None = None


def requests_session(line: Line, wrong: Callable[[bytes], str]) -> Any:  # noqa: ANN401  (the library may be absent)
    """Return a ``requests.Session`` that asks for everything by way of `line`."""
    import requests

    session: Any = requests.Session()
    session.max_redirects = MOST_REDIRECTS
    plain = session.request

    def request(method: str, url: str, **options: Any) -> Whole:  # noqa: ANN401
        def send() -> Whole:
            given = {**options, "timeout": line.manners.timeout, "stream": True}
            with plain(method, line.route(url), **given) as response:
                return Whole(response.status_code, dict(response.headers), _read(response, line))

        return line.ask(url, send, wrong)

    session.request = request
    return session


def browser_session(line: Line, wrong: Callable[[bytes], str], essential: str) -> Any:  # noqa: ANN401
    """Return a session that Yahoo takes for a browser: it turns away whatever else asks.

    Only a URL that contains `essential` must be answered well; the rest are cookies, which yfinance can do without.
    """
    from curl_cffi import requests

    session: Any = requests.Session(impersonate="chrome", max_redirects=MOST_REDIRECTS)
    plain = session.request

    def request(method: str, url: str, **options: Any) -> Any:  # noqa: ANN401
        def send() -> Any:  # noqa: ANN401
            return plain(method, line.route(url), **{**options, "timeout": line.manners.timeout})

        return line.ask(url, send, wrong) if essential in url else line.ask_once(url, send)

    session.request = request
    return session


def _read(response: Any, line: Line) -> bytes:  # noqa: ANN401
    """Read a body part by part: neither too long, nor for too long."""
    started, parts, size = line.clock.monotonic(), list[bytes](), 0
    for part in response.iter_content(1 << 16):
        parts.append(part)
        size += len(part)
        if size > line.manners.most_bytes:
            raise FetchFailed(f"answered with more than {line.manners.most_bytes / 1e6:,.0f} MB")
        if line.clock.monotonic() - started > line.manners.whole_answer:
            raise TimeoutError("the answer takes too long")
    return b"".join(parts)
