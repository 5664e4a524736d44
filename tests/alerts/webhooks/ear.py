"""A receiver of webhooks on the loopback: it verifies every signature with the specification's own library."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

HANG = -1
"""An answer that never comes."""


@dataclass
class Heard:
    """One post: its message, what was answered, and whether the signature was good."""

    message: str
    status: int
    body: dict[str, Any]
    headers: dict[str, str]
    raw: bytes

    @property
    def event(self) -> str:
        return str(self.body["type"])

    def verify(self, secret: str) -> None:
        """Raises unless this is signed with the secret."""
        Webhook(secret).verify(self.raw, self.headers)


@dataclass
class Ear:
    """What came in, and how it answers: `answer(n, body)` for the n-th post."""

    answer: Callable[[int, dict[str, Any]], int] = lambda _n, _body: 200
    heard: list[Heard] = field(default_factory=list)
    callers: set[int] = field(default_factory=set)  # the ports connections came from
    closes: bool = False  # each connection after its first message, without a word
    port: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    @property
    def taken(self) -> list[Heard]:
        return [one for one in self.heard if one.status == 200]


@contextmanager
def listening(answer: Callable[[int, dict[str, Any]], int] | None = None) -> Iterator[Ear]:
    ear = Ear(answer) if answer else Ear()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        before = 0

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"] or 0))
            body = json.loads(raw)
            self.before += 1
            if ear.closes and self.before > 1:
                self.close_connection = True
                return
            with ear.lock:
                ear.callers.add(self.client_address[1])
                status = ear.answer(len(ear.heard), body)
                headers = {name.lower(): value for name, value in self.headers.items()}
                ear.heard.append(Heard(headers["webhook-id"], status, body, headers, raw))
            if status == HANG:
                ear.let_go.wait(20)
                self.close_connection = True
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{ear.port}/elsewhere")
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"told")

        def log_message(self, *_arguments: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # with the usual five, some of many callers are not answered for a second or three
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    ear.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield ear
    finally:
        ear.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()
