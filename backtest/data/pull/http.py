"""How a provider is asked: one request at a time, with a pause, patiently, and never for ever."""

from __future__ import annotations

import datetime as dt
import email.utils
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

OK, TOO_MANY, SERVER_ERROR = 200, 429, 500
HOPELESS = ("TooManyRedirects", "SSL", "Certificate", "Invalid", "MissingSchema")
"""What the name of a transport error contains where asking again cannot help."""
UNREACHABLE = ("NameResolutionError", "NewConnectionError", "curl: (5)", "curl: (6)", "curl: (7)")
"""What a transport error contains where no connection came about: no such name, no way, nobody who listens."""


class FetchFailed(Exception):
    """A provider did not give what was asked for; the text says why, in one line."""


class Response(Protocol):
    """What is needed of an answer, whichever HTTP library it came through."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The HTTP headers; their names in any case."""

    @property
    def content(self) -> bytes:
        """The body."""


Answer = TypeVar("Answer", bound=Response)


@dataclass(frozen=True)
class Clock:
    """The time, to be replaced in tests."""

    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    """The date and time, with its zone."""
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class RetryPolicy:
    """How often, how long, how much; times in seconds."""

    pause: float = 1.0
    """Between two requests to the same host."""
    tries: int = 4
    tries_unreachable: int = 2
    """Of a host to which no connection comes about; after them, it is not asked for anything else."""
    first_wait: float = 2.0
    """Before the second try; doubled before each further one, unless the provider names a time."""
    longest_wait: float = 120.0
    """A provider that asks for more is left alone."""
    timeout: float = 30.0
    """For a connection, and for each part of an answer."""
    whole_answer: float = 180.0
    """For an answer from its first to its last byte."""
    most_bytes: int = 64_000_000


@dataclass
class Client:
    """The way to all providers during one pull; it remembers which host was asked when, and which one is down."""

    clock: Clock = field(default_factory=Clock)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    route: Callable[[str], str] = lambda url: url.replace("http://", "https://", 1)
    """Where a request goes: encrypted, always; in tests, to this machine."""
    tell: Callable[[str], None] = lambda _: None
    """Is told why a request is made again."""
    _asked: dict[str, float] = field(default_factory=dict)
    _down: set[str] = field(default_factory=set)
    _unreachable: set[str] = field(default_factory=set)

    def ask(self, url: str, send: Callable[[], Answer], wrong: Callable[[bytes], str]) -> Answer:
        """Send a request until it is answered, or is not worth sending again.

        Time-outs, broken connections, 429 and 5xx are tried again, after a wait that doubles, or that the provider
        names in ``Retry-After``. A host that has used up all its tries is given a single one from then on. A host to
        which no connection comes about is tried twice, and then not at all.

        Parameters
        ----------
        url : str
            What is asked for; decides the host.
        send : callable
            Sends the request once.
        wrong : callable
            Returns what is wrong with the body of a good answer, or an empty text. It is not asked for again.

        Raises
        ------
        FetchFailed
            No good answer came.
        """
        host = urlsplit(url).hostname or url
        if host in self._unreachable:
            raise FetchFailed(f"not asked for, as {host} could not be reached")
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
                    raise FetchFailed(f"{reason}, and asks to be left alone for {wait:,.0f} seconds")
                self.tell(f"{reason}; next try in {wait:,.0f} s")
                self.clock.sleep(wait)
        self._down.add(host)
        raise FetchFailed(reason if tries == 1 else f"{reason}, {tries} times")

    def ask_once(self, url: str, send: Callable[[], Answer]) -> Answer:
        """Send a request that may fail, and whose status does not matter, such as for a cookie.

        Raises
        ------
        OSError
            It was not answered, now or at an earlier time.
        """
        host = urlsplit(url).hostname or url
        if host in self._down:
            raise ConnectionError(f"{host} did not answer before")
        self._pace(host)
        try:
            return send()
        except OSError:
            self._down.add(host)
            raise

    def _try(self, host: str, send: Callable[[], Answer]) -> tuple[Answer | None, str, float | None]:
        """Return a good answer; or why there is none, and the wait that the provider asks for."""
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
        wait = self._asked.get(host, now - self.retry_policy.pause) + self.retry_policy.pause - now
        if wait > 0:
            self.clock.sleep(wait)
        self._asked[host] = self.clock.monotonic()


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait, given as seconds or as a date; None where it does not."""
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
    """Say what went wrong on the way; raise at once what will go wrong again."""
    name = type(error).__name__
    if any(word in name for word in HOPELESS):
        words = "redirects without end" if name == "TooManyRedirects" else f"cannot be asked ({name})"
        raise FetchFailed(words) from error
    if "Timeout" in name:
        return "timed out"
    return "the answer broke off" if name in ("ChunkedEncodingError", "IncompleteRead") else f"no connection ({name})"
