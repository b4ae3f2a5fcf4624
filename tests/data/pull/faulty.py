"""A faulty server on the loopback address: it drips, bombs, stalls and redirects until the other side leaves."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

OK = b"HTTP/1.1 200 OK\r\n"
PAUSE = 0.02
PIECE = b"2024-07-16,1\n" * 5_000
Pieces = Iterator[bytes]


def _drip(text: bytes) -> Pieces:
    while True:
        for at in range(len(text)):
            time.sleep(PAUSE)
            yield text[at : at + 1]


def _without_end(piece: bytes = PIECE) -> Pieces:
    while True:
        yield piece


def _then(first: bytes, rest: Pieces) -> Pieces:
    yield first
    yield from rest


def _slowly(text: bytes) -> Pieces:
    while True:
        time.sleep(PAUSE)
        yield text


def _redirect(to: str, rest: bytes = b"Content-Length: 0\r\n\r\n") -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\n".encode() + rest


LONG = b"Content-Length: 10000000000\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b"0" * 20_000_000)
FAULTS: dict[str, Callable[[], Pieces]] = {
    "body byte by byte": lambda: _then(OK + LONG, _drip(b"observation_date,DGS10\n")),
    "status line byte by byte": lambda: _drip(b"HTTP/1.1 200 " + b"O" * 10_000),
    "a header byte by byte": lambda: _then(OK + b"X-Long: ", _drip(b"a")),
    "headers without end": lambda: _then(OK, _slowly(b"X-Again: a\r\n")),
    "interim answers without end": lambda: _slowly(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early hints without end": lambda: _slowly(b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"),
    "a chunk extension byte by byte": lambda: _then(OK + CHUNKED + b"5;", _drip(b"a")),
    "chunks of one byte": lambda: _then(OK + CHUNKED, _slowly(b"1\r\na\r\n")),
    "trailers without end": lambda: _then(OK + CHUNKED + b"1\r\na\r\n0\r\n", _slowly(b"X-Again: a\r\n")),
    "a redirect byte by byte": lambda: _then(_redirect("/on", LONG), _drip(b"moved")),
    "a redirect with a body without end": lambda: _then(_redirect("/on", LONG), _without_end()),
    "redirects, each slower than the last": lambda: _then(_redirect("/on", b"X-Slow: "), _drip(b"a")),
    "silence": lambda: _then(OK + LONG, iter(lambda: time.sleep(PAUSE) or b"", None)),
    "a body without end": lambda: _then(OK + LONG, _without_end()),
    "a body without end or length": lambda: _then(OK + b"\r\n", _without_end()),
    "chunks without end": lambda: _then(OK + CHUNKED, _without_end(b"8000\r\n" + b"a" * 0x8000 + b"\r\n")),
    "a gzip bomb": lambda: iter(
        [OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB],
    ),
    "a redirect to ftp": lambda: iter([_redirect("ftp://127.0.0.1/etc/passwd")]),
    "a redirect to a file": lambda: iter([_redirect("file:///etc/passwd")]),
}


@contextmanager
def faulty_server(fault: str) -> Iterator[int]:
    """Answer every connection with a fault; yield the port."""
    server, closing = socket.create_server(("127.0.0.1", 0)), threading.Event()
    threads: list[threading.Thread] = []

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(2)
            try:
                connection.recv(65_536)
                for piece in FAULTS[fault]():
                    if closing.is_set():
                        return
                    connection.sendall(piece)
            except OSError:  # the other side has had enough
                return

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=answer, args=(connection,), daemon=True))
            threads[-1].start()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield server.getsockname()[1]
    finally:
        closing.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for thread in (listener, *threads):
            thread.join(3)
