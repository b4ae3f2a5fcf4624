"""A provider on the loopback address, and a clock that only runs when somebody waits."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from backtest.data.pull.http import Client, Clock, RetryPolicy

from .mine import Bench

MOST_REQUESTS = 200


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """A Content-Length that is not the body's."""
    delay: float = 0.0


class Provider:
    """Answers by the longest text that a request's path contains; the last reply of a list is repeated."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[str] = []

    def answers(self, part: str, *replies: Reply | bytes) -> None:
        self.replies[part] = [reply if isinstance(reply, Reply) else Reply(reply) for reply in replies]

    def reply(self, path: str) -> Reply:
        self.asked.append(path)
        if len(self.asked) > MOST_REQUESTS:
            return Reply(b"enough", 400)
        for part, replies in sorted(self.replies.items(), key=lambda item: -len(item[0])):
            if part in path:
                return replies.pop(0) if len(replies) > 1 else replies[0]
        return Reply(b"crumb") if "getcrumb" in path else Reply(b"nothing here", 404)

    def count(self, part: str) -> int:
        return sum(part in path for path in self.asked)

    def route(self, url: str) -> str:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"http://127.0.0.1:{self.port}/{parts.hostname}{parts.path}{query}"


class Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        reply = self.provider.reply(self.path)
        time.sleep(reply.delay)
        try:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.length != -1:
                self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            self.end_headers()
            self.wfile.write(reply.body)
        except OSError:  # the other side has given up waiting
            pass

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = Provider(server.server_address[1])
    server.RequestHandlerClass = type("Bound", (Handler,), {"provider": provider})
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()


class FakeClock:
    """Wednesday evening after the close, New York time; sleeping moves it on."""

    def __init__(self) -> None:
        self.start = dt.datetime(2024, 7, 17, 1, 0, tzinfo=dt.UTC)
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def clock(self) -> Clock:
        return Clock(self.now, lambda: sum(self.slept), self.sleep)

    def now(self) -> dt.datetime:
        return self.start + dt.timedelta(seconds=sum(self.slept))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(provider: Provider, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client whose requests all end at the loopback provider, and which never really waits."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    forget_yahoo()
    return Client(clock.clock(), RetryPolicy(timeout=0.3, whole_answer=0.4), provider.route)


def forget_yahoo() -> None:
    """Let yfinance forget cookies and time zones of tests before, and leave the user's cache alone."""
    from yfinance import cache, data

    cache._TzCacheManager._tz_cache = cache._TzCacheDummy()
    cache._CookieCacheManager._Cookie_cache = cache._CookieCacheDummy()
    data.YfData.cache_get.cache_clear()
    data.SingletonMeta._instances.pop(data.YfData, None)


@pytest.fixture
def bench(tmp_path: Path, provider: Provider, client: Client) -> Bench:
    return Bench(tmp_path, provider, client)
