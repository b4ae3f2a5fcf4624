"""Sessions of the HTTP libraries behind yfinance and pandas-datareader, with the retry policy of `Client`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backtest.data.pull.http import Client, FetchFailed

MOST_REDIRECTS = 5


@dataclass(frozen=True)
class FullResponse:
    """A response whose body has been read completely."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: None = None


def requests_session(client: Client, wrong: Callable[[bytes], str]) -> Any:  # noqa: ANN401  (the library may be absent)
    """Return a ``requests.Session`` that sends every request through `client`."""
    import requests

    session: Any = requests.Session()
    session.max_redirects = MOST_REDIRECTS
    plain = session.request

    def request(method: str, url: str, **options: Any) -> FullResponse:  # noqa: ANN401
        def send() -> FullResponse:
            given = {**options, "timeout": client.retry_policy.timeout, "stream": True}
            with plain(method, client.route(url), **given) as response:
                return FullResponse(response.status_code, dict(response.headers), _read(response, client))

        return client.request(url, send, wrong)

    session.request = request
    return session


def browser_session(client: Client, wrong: Callable[[bytes], str], essential: str) -> Any:  # noqa: ANN401
    """Return a session that looks like a browser to Yahoo, which rejects anything else.

    Only URLs that contain `essential` must succeed; the others are for cookies, which yfinance can do without.
    """
    from curl_cffi import requests

    session: Any = requests.Session(impersonate="chrome", max_redirects=MOST_REDIRECTS)
    plain = session.request

    def request(method: str, url: str, **options: Any) -> Any:  # noqa: ANN401
        def send() -> Any:  # noqa: ANN401
            return plain(method, client.route(url), **{**options, "timeout": client.retry_policy.timeout})

        return client.request(url, send, wrong) if essential in url else client.request_once(url, send)

    session.request = request
    return session


def _read(response: Any, client: Client) -> bytes:  # noqa: ANN401
    """Read a body part by part, within the limits on size and time."""
    started, parts, size = client.clock.monotonic(), list[bytes](), 0
    for part in response.iter_content(1 << 16):
        parts.append(part)
        size += len(part)
        if size > client.retry_policy.most_bytes:
            raise FetchFailed(f"answered with more than {client.retry_policy.most_bytes / 1e6:,.0f} MB")
        if client.clock.monotonic() - started > client.retry_policy.whole_answer:
            raise TimeoutError("the answer takes too long")
    return b"".join(parts)
