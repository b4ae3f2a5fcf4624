"""Every pull ends within its limits of time and size, whatever the server does, for every provider."""

from __future__ import annotations

import time

import pytest

from backtest.data.pull import http_sessions
from backtest.data.pull.http import Client, Clock, FetchFailed, RetryPolicy
from backtest.data.pull.providers import Request, fetch

from .conftest import forget_yahoo
from .faulty import FAULTS, faulty_server
from .test_trouble import SYMBOLS

LIMITS = RetryPolicy(timeout=0.1, whole_answer=0.15, tries=1, most_bytes=100_000, pause=0)
TOO_LARGE = {"a body without end", "a body without end or length", "chunks without end", "a gzip bomb"}
IMPOSSIBLE = {"a redirect to ftp", "a redirect to a file"}


def reason_of(name, client):
    forget_yahoo()
    with pytest.raises(FetchFailed) as caught:
        fetch(Request(name, SYMBOLS[name]), client)
    assert len(str(caught.value)) < 2_000
    return str(caught.value)


@pytest.mark.parametrize("name", sorted(SYMBOLS))
@pytest.mark.parametrize("fault", FAULTS)
def test_ends_within_its_limits(name, fault):
    with faulty_server(fault) as port:
        client = Client(Clock(), LIMITS, lambda _: f"http://127.0.0.1:{port}/")
        began = time.monotonic()
        reason = reason_of(name, client)
        assert time.monotonic() - began < 2  # yfinance sends up to four requests, for cookies
    if fault in TOO_LARGE:
        assert reason == "answered with more than 0 MB"
    elif fault in IMPOSSIBLE:
        assert reason.startswith("the request is not possible (InvalidSchema)")
    else:
        assert reason == "timed out"


@pytest.mark.parametrize(("address", "schemes"), [("https://there/", b"https"), ("http://there/", b"http,https")])
def test_no_redirect_leaves_https(address, schemes):
    from curl_cffi import CurlOpt

    class Session:
        curl_options = None

    class Response:
        pass

    session, client = Session(), Client(route=lambda _: address)
    http_sessions._exchange(session, lambda *_, **__: Response(), client, "GET", address, {})
    assert session.curl_options[CurlOpt.REDIR_PROTOCOLS_STR] == schemes
    assert Client().route("http://provider/") == "https://provider/"
