"""One request and its answer: what may be sent again is, after a pause; what failed becomes an exception."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from .errors import Unreachable, error_of

ATTEMPTS = 4
LONGEST_PAUSE_S = 60.0
TEMPORARY = frozenset({429, 502, 503, 504})
IN_FLIGHT = "in_flight"
"""An earlier attempt with the same key is still at work: its answer comes by asking again."""

Wait = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """The document of a good answer, and its ETag where it has one."""

    document: Any
    etag: str


class Transport:
    """Sends requests with the token. Every write carries an Idempotency-Key, so that sending it again is harmless."""

    def __init__(self, http: httpx.Client, wait: Wait = time.sleep) -> None:
        self.http, self.wait = http, wait

    def get(self, path: str, **parameters: Any) -> Any:
        """The document at this path; parameters that are empty or None are left out."""
        return self.read(path, **parameters).document

    def read(self, path: str, **parameters: Any) -> Answer:
        """As `get`, with the ETag."""
        given = {name: value for name, value in parameters.items() if value not in (None, "")}
        return self._send("GET", path, params=given, headers={})

    def write(
        self,
        method: str,
        path: str,
        body: object,
        *,
        key: str = "",
        match: str = "",
        parameters: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send a body; `key` is the Idempotency-Key (a fresh one by default), `match` the ETag it depends upon."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        if match:
            headers["If-Match"] = match
        return self._send(method, path, json=body, params=dict(parameters or {}), headers=headers).document

    def delete(self, path: str) -> Any:
        """What is gone; when it was gone already, and only the answer was lost, that is `NotFound`."""
        return self._send("DELETE", path, params={}, headers={}).document

    def _send(self, method: str, path: str, **said: Any) -> Answer:
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                answer = self.http.request(method, f"/api/v1{path}", **said)
            except httpx.TransportError as error:
                if last:
                    raise Unreachable(f"{self.http.base_url}: {error}") from error
                self.wait(2.0**attempt / 4)
                continue
            document = _document(answer)
            again = answer.status_code in TEMPORARY or document.get("code") == IN_FLIGHT if answer.is_error else False
            if again and not last:
                self.wait(_pause(answer, attempt))
                continue
            if answer.is_error:
                raise error_of(answer.status_code, document)
            return Answer(answer.json(), answer.headers.get("ETag", ""))
        raise AssertionError("unreachable")


def _document(answer: httpx.Response) -> dict[str, Any]:
    """The problem of a bad answer; something else than JSON does not come from Paidan."""
    if not answer.is_error and not answer.is_redirect:
        return {}
    kind = answer.headers.get("Content-Type", "")
    if "json" in kind:
        return dict(answer.json())
    if answer.status_code in TEMPORARY or answer.status_code >= 500:
        return {"code": "server_failed", "detail": f"{answer.status_code} {answer.reason_phrase}"}
    raise Unreachable(f"{answer.url}: {answer.status_code} {answer.reason_phrase}, and not from Paidan's API")


def _pause(answer: httpx.Response, attempt: int) -> float:
    said = answer.headers.get("Retry-After", "")
    return min(float(said), LONGEST_PAUSE_S) if said.isdecimal() else 2.0**attempt / 4
