"""A receiver on the loopback that takes what channels send, and the way of their fixed hosts to it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import requests


@dataclass
class Receiver:
    """What came in: (host it was meant for, path, body)."""

    taken: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    status: int = 200
    port: int = 0

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _host, _path, body in self.taken]


@contextmanager
def receiving(monkeypatch: Any) -> Iterator[Receiver]:
    """Whatever is posted anywhere arrives here, with its real path and payload; only the host is another."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            found.taken.append((self.headers["X-Meant-For"], self.path, json.loads(body)))
            self.send_response(found.status)
            self.end_headers()
            self.wfile.write(b"ok" if "slack" in self.headers["X-Meant-For"] else b'{"errcode": 0, "code": 0}')

        def log_message(self, *_arguments: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    send = requests.Session.request

    def redirected(self: Any, method: str, url: str, **more: Any) -> Any:
        parts = urlsplit(url)
        here = parts._replace(scheme="http", netloc=f"127.0.0.1:{found.port}").geturl()
        more["headers"] = {**(more.get("headers") or {}), "X-Meant-For": parts.netloc}
        return send(self, method, here, **more)

    monkeypatch.setattr(requests.Session, "request", redirected)
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
