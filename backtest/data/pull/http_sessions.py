"""Sessions for yfinance and pandas-datareader: every exchange goes through curl, within the limits of `Client`.

curl looks at its deadline whatever the server does: while names are resolved, while headers, interim answers or chunk
extensions come byte by byte, and through all redirects.
"""

from __future__ import annotations

import math
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
    from curl_cffi import requests as curl

    session: Any = requests.Session()

    def request(method: str, url: str, **options: Any) -> FullResponse:  # noqa: ANN401
        given = {key: options[key] for key in ("params", "headers") if options.get(key)}
        given["headers"] = {"User-Agent": session.headers["User-Agent"], **given.get("headers", {})}

        def send() -> FullResponse:
            with curl.Session() as sender:
                response = _exchange(sender, sender.request, client, method, url, given)
            return FullResponse(response.status_code, dict(response.headers), response.content)

        return client.request(url, send, wrong)

    session.request = request
    return session


def browser_session(client: Client, wrong: Callable[[bytes], str], essential: str) -> Any:  # noqa: ANN401
    """Return a session that looks like a browser to Yahoo, which rejects anything else.

    Only URLs that contain `essential` must succeed; the others are for cookies, which yfinance can do without.
    """
    from curl_cffi import requests

    session: Any = requests.Session(impersonate="chrome")
    plain = session.request

    def request(method: str, url: str, **options: Any) -> Any:  # noqa: ANN401
        def send() -> Any:  # noqa: ANN401
            return _exchange(session, plain, client, method, url, options)

        return client.request(url, send, wrong) if essential in url else client.request_once(url, send)

    session.request = request
    return session


def _exchange(
    session: Any,  # noqa: ANN401
    send: Callable[..., Any],
    client: Client,
    method: str,
    url: str,
    options: Mapping[str, Any],
) -> Any:  # noqa: ANN401
    """Send one request and read its answer, within the limits on time, size and redirects; return curl's response."""
    from curl_cffi import CurlOpt
    from curl_cffi.curl import CURL_WRITEFUNC_ERROR

    policy, parts, size = client.retry_policy, list[bytes](), 0

    def keep(part: bytes) -> int:  # unpacked already: a small body may unpack to a large one
        nonlocal size
        size += len(part)
        if size > policy.most_bytes:
            return int(CURL_WRITEFUNC_ERROR)
        parts.append(part)
        return len(part)

    address = client.route(url)
    session.curl_options = {
        CurlOpt.LOW_SPEED_LIMIT: 1,
        CurlOpt.LOW_SPEED_TIME: math.ceil(policy.timeout),
        CurlOpt.PROTOCOLS_STR: b"http,https",
        CurlOpt.REDIR_PROTOCOLS_STR: b"https" if address.startswith("https:") else b"http,https",
    }
    given = {**options, "timeout": (policy.timeout, max(policy.whole_answer - policy.timeout, 0.001))}
    given |= {"content_callback": keep, "max_redirects": MOST_REDIRECTS}
    try:
        response = send(method, address, **given)
    except OSError as error:
        if size > policy.most_bytes:
            raise FetchFailed(f"answered with more than {policy.most_bytes / 1e6:,.0f} MB") from error
        raise
    response.content = b"".join(parts)
    return response
