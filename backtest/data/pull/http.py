"""Requests to a provider: one at a time, with a pause between them, with retries, and with a limit on both."""

from __future__ import annotations

import datetime as dt
import email.utils
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

OK, TOO_MANY, SERVER_ERROR = 200, 429, 500
PERMANENT = ("TooManyRedirects", "SSL", "Certificate", "Invalid", "MissingSchema")
"""Parts of the names of transport errors that a retry cannot fix."""
UNREACHABLE = ("NameResolutionError", "NewConnectionError", "curl: (5)", "curl: (6)", "curl: (7)")
"""Parts of the messages of transport errors that mean: no connection could be made."""


class FetchFailed(Exception):
    """A provider did not deliver what was requested; the text says why, in one line."""


class Response(Protocol):
    """What we need of a response, whichever HTTP library it came through."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The HTTP headers; names are case-insensitive."""

    @property
    def content(self) -> bytes:
        """The body."""


Answer = TypeVar("Answer", bound=Response)


@dataclass(frozen=True)
class Clock:
    """The current time; replaceable in tests."""

    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    """The date and time, with time zone."""
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class RetryPolicy:
    """Limits on tries, waits and sizes; times in seconds."""

    pause: float = 1.0
    """Pause between two requests to the same host."""
    tries: int = 4
    tries_unreachable: int = 2
    """Tries for a host that cannot be reached; after them, no request goes to it."""
    first_wait: float = 2.0
    """Wait before the second try; doubled before each further one, unless the provider names a time."""
    longest_wait: float = 120.0
    """A provider that asks for a longer wait gets no further request."""
    timeout: float = 30.0
    """Time-out for a connection, and for an answer that comes to a stop."""
    whole_answer: float = 180.0
    """Time-out for a whole exchange: connection, redirects, headers and body."""
    most_bytes: int = 64_000_000
    """Largest size of an answer, unpacked."""


@dataclass
class Client:
    """The way to all providers during one pull; it remembers when each host was last contacted, and which are down."""

    clock: Clock = field(default_factory=Clock)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    route: Callable[[str], str] = lambda url: url.replace("http://", "https://", 1)
    """Maps a request's URL: always https; in tests, a server on this machine."""
    on_retry: Callable[[str], None] = lambda _: None
    """Called with the reason when a request is repeated."""
    _last_request: dict[str, float] = field(default_factory=dict)
    _down: set[str] = field(default_factory=set)
    _unreachable: set[str] = field(default_factory=set)

    def request(self, url: str, send: Callable[[], Answer], wrong: Callable[[bytes], str]) -> Answer:
        """Send a request until it is answered, or until another try is pointless.

        Time-outs, broken connections, 429 and 5xx are retried after a wait. The wait doubles each time, unless the
        provider names one in ``Retry-After``. A host that has used up its tries gets only a single try per request from
        then on. A host that cannot be reached gets two tries, and no further requests.

        Parameters
        ----------
        url : str
            The URL; its host determines the pause and the number of tries.
        send : callable
            Sends the request once.
        wrong : callable
            Returns what is wrong with the body of a response with status 200; empty if nothing is. Such a body is not
            requested again.

        Raises
        ------
        FetchFailed
            No usable answer came.
        """
        host = urlsplit(url).hostname or url
        if host in self._unreachable:
            raise FetchFailed(f"not requested, because {host} could not be reached")
        tries = 1 if host in self._down else self.retry_policy.tries
        for attempt in range(1, tries + 1):
            response, reason, wait = self._try(host, send)
            if host in self._unreachable and attempt >= self.retry_policy.tries_unreachable:
                raise FetchFailed(f"{reason}, {attempt} times: {host} cannot be reached")
            if response is not None:
                self._down.discard(host)
                if problem := wrong(response.content):
                    raise FetchFailed(problem)
                return response
            if attempt < tries:
                wait = self.retry_policy.first_wait * 2 ** (attempt - 1) if wait is None else wait
                if wait > self.retry_policy.longest_wait:
                    self._down.add(host)
                    raise FetchFailed(f"{reason}, and asks for a pause of {wait:,.0f} seconds")
                self.on_retry(f"{reason}; next try in {wait:,.0f} s")
                self.clock.sleep(wait)
        self._down.add(host)
        raise FetchFailed(reason if tries == 1 else f"{reason}, {tries} times")

    def request_once(self, url: str, send: Callable[[], Answer]) -> Answer:
        """Send a request that may fail and whose status does not matter, such as one for a cookie.

        Raises
        ------
        OSError
            There was no answer, to this request or to an earlier one.
        """
        host = urlsplit(url).hostname or url
        if host in self._down:
            raise ConnectionError(f"{host} did not answer an earlier request")
        self._pace(host)
        try:
            return send()
        except OSError:
            self._down.add(host)
            raise

    def _try(self, host: str, send: Callable[[], Answer]) -> tuple[Answer | None, str, float | None]:
        """Return a usable answer; otherwise the reason, and the wait that the provider asks for."""
        self._pace(host)
        self._unreachable.discard(host)
        try:
            response = send()
        except OSError as error:
            if any(word in repr(error) for word in UNREACHABLE):
                self._unreachable.add(host)
            return None, _transport(error), None
        status = response.status_code
        if status == OK:
            return response, "", None
        if status == TOO_MANY or status >= SERVER_ERROR:
            return None, f"answered {status}", retry_after(response.headers, self.clock.now())
        raise FetchFailed(f"answered {status}")

    def _pace(self, host: str) -> None:
        now = self.clock.monotonic()
        wait = self._last_request.get(host, now - self.retry_policy.pause) + self.retry_policy.pause - now
        if wait > 0:
            self.clock.sleep(wait)
        self._last_request[host] = self.clock.monotonic()


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Return the wait in seconds that ``Retry-After`` gives, as seconds or as a date; None if it gives none."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - now).total_seconds())


def _transport(error: OSError) -> str:
    """Describe a transport error; raise at once if a retry cannot help."""
    name = type(error).__name__
    if any(word in name for word in PERMANENT):
        words = "too many redirects" if name == "TooManyRedirects" else f"the request is not possible ({name})"
        raise FetchFailed(words) from error
    if "Timeout" in name:
        return "timed out"
    return "the answer broke off" if name in ("ChunkedEncodingError", "IncompleteRead") else f"no connection ({name})"
