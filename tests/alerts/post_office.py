"""A mail server on the loopback that keeps what it is given."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread
from typing import Any


@contextmanager
def post_office() -> Iterator[tuple[int, list[EmailMessage]]]:
    """Its port, and the mails that came in."""
    mails: list[EmailMessage] = []

    class Counter(socketserver.StreamRequestHandler):
        def say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

        def handle(self) -> None:
            self.say(b"220 here")
            while line := self.rfile.readline():
                word = line[:4].upper().strip()
                if word == b"DATA":
                    self.say(b"354 go on")
                    mails.append(self.letter())
                self.say(b"221 bye" if word == b"QUIT" else b"250 ok")
                if word == b"QUIT":
                    return

        def letter(self) -> Any:
            body = b""
            while (line := self.rfile.readline()) != b".\r\n":
                body += line[1:] if line.startswith(b"..") else line
            return message_from_bytes(body, policy=policy.default)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Counter) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1], mails
        server.shutdown()
        thread.join()
