"""No redirect leaves https: a server with a certificate of its own sends a request elsewhere."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from backtest.data.pull import http_sessions
from backtest.data.pull.http import Client

OPENSSL = shutil.which("openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    asked = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files, *names]
    subprocess.run([str(OPENSSL), *asked], check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


@contextmanager
def serving(to: str | None = None, tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    """Serve prices, or redirect to another address; yield the port and the paths that were asked for."""
    asked = list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if to is None else 302)
            if to is not None:
                self.send_header("Location", to)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("localhost", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.skipif(OPENSSL is None, reason="openssl, which makes the server's certificate, is not installed")
@pytest.mark.parametrize("leaves", [True, False])
def test_a_redirect_from_https_to_http_is_not_followed(certificate, leaves):
    from curl_cffi import requests

    cert, key = certificate
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    with serving(tls=None if leaves else tls) as (port, reached):
        to = f"http{'' if leaves else 's'}://localhost:{port}/prices"
        with serving(to, tls) as (first, _), requests.Session(verify=str(cert)) as session:
            address = f"https://localhost:{first}/"
            client = Client(route=lambda _: address)
            if leaves:
                with pytest.raises(OSError, match="curl: \\(1\\)"):  # a protocol that is not allowed
                    http_sessions._exchange(session, session.request, client, "GET", address, {})
                assert reached == []
            else:
                response = http_sessions._exchange(session, session.request, client, "GET", address, {})
                assert (response.content, reached) == (b"ok", ["/prices"])
