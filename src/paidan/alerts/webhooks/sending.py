"""Handing one message to a receiver: signed, without following redirects, within a time that cannot be stretched."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

import httpx
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

from .addresses import Target, resolve
from .signing import headers

TOTAL_S = 15.0
"""From the look-up of the name to the status of the answer, whatever the receiver does."""
AGENT = "Paidan-Webhooks/1"
MOST_OF_AN_ANSWER = 200
BROKEN = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
SHORT_ANSWER, SHORT_S = 65_536, 0.5
"""An answer that is over soon is read to its end, for only then can the connection take the next message."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message and where it goes."""

    url: str
    secrets: Sequence[str]
    message: str
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it: the receiver's status (None = none came) and what went wrong, "" when it was taken."""

    status: int | None
    problem: str = ""

    @property
    def taken(self) -> bool:
        return not self.problem


class Sender:
    """A thread with the loop all messages of this process leave by; hundreds may be on their way at a time."""

    def __init__(self, total_s: float = TOTAL_S) -> None:
        self.total_s = total_s
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="webhooks", daemon=True)
        self.idle: dict[tuple[str, str], list[httpx.AsyncClient]] = {}
        self.trust = httpx.create_ssl_context(trust_env=False)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def send(self, parcel: Parcel, now: datetime) -> Future[Answer]:
        """Set it on its way; the answer comes within the time there is for it."""
        return asyncio.run_coroutine_threadsafe(self._send(parcel, now), self.loop)

    async def _send(self, parcel: Parcel, now: datetime) -> Answer:
        try:
            async with asyncio.timeout(self.total_s):
                return await self._post(await resolve(parcel.url), parcel, now)
        except TimeoutError:
            return Answer(None, f"no answer within {self.total_s:g} s")
        except Refusal as refusal:
            return Answer(None, refusal.code)
        except (httpx.HTTPError, OSError, ValueError) as error:
            return Answer(None, f"{type(error).__name__}: {error}"[:MOST_OF_AN_ANSWER])

    async def _post(self, target: Target, parcel: Parcel, now: datetime) -> Answer:
        body = parcel.body.encode()
        said = {
            "host": target.host_header,
            "user-agent": AGENT,
            "content-type": "application/json",
            **headers(parcel.secrets, parcel.message, body, now),
        }
        more = {"sni_hostname": target.host}
        client, used = self._client(target)
        post = partial(client.stream, "POST", target.url, content=body, headers=said, extensions=more)
        try:
            return await _exchanged(post)
        except BROKEN:
            if not used:
                raise
            return await _exchanged(post)  # the receiver had closed it while it was idle; now it is opened anew
        finally:
            self.idle[_key(target)].append(client)

    def _client(self, target: Target) -> tuple[httpx.AsyncClient, bool]:
        """One connection: that which was free last (true), else a new one.

        A connection opened for one name is never used for another. Each has a client of its own, for a client with many
        connections looks at all of them for every message.
        """
        free = self.idle.setdefault(_key(target), [])
        if free:
            return free.pop(), True
        one = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        client = httpx.AsyncClient(
            timeout=self.total_s, limits=one, verify=self.trust, follow_redirects=False, trust_env=False
        )
        return client, False

    async def _close(self) -> None:
        for clients in self.idle.values():
            for client in clients:
                await client.aclose()


def _key(target: Target) -> tuple[str, str]:
    return target.host, str(target.address)


async def _exchanged(post: Callable[[], AbstractAsyncContextManager[httpx.Response]]) -> Answer:
    """Send it, and what the receiver says to it."""
    async with post() as answer:
        if answer.is_success:
            await _read_out(answer)
            return Answer(answer.status_code)
        return Answer(answer.status_code, await _told(answer))


async def _read_out(answer: httpx.Response) -> None:
    """Read the rest of what took the message; whatever goes wrong with it, the message was taken."""
    size = 0
    try:
        async with asyncio.timeout(SHORT_S):
            async for piece in answer.aiter_raw():
                size += len(piece)
                if size > SHORT_ANSWER:
                    return
    except (TimeoutError, httpx.HTTPError):
        return


async def _told(answer: httpx.Response) -> str:
    """What a receiver says about why it did not take it: the beginning of its answer."""
    told = b""
    async for piece in answer.aiter_bytes(MOST_OF_AN_ANSWER):
        told += piece
        if len(told) >= MOST_OF_AN_ANSWER:
            break
    text = told[:MOST_OF_AN_ANSWER].decode(errors="replace").replace("\0", " ").strip()
    return " ".join(f"{answer.status_code} {answer.reason_phrase} {text}".split())


_PROBLEMS = {
    "private_address": _("The name leads into the network of the server, where webhooks may not go."),
    "no_address": _("The name has no address in the network."),
    "not_https": _("Only https may be used."),
    "not_an_address": _("The address is not one."),
    "has_password": _("The address holds a password."),
}


def problem_words(problem: str) -> str:
    """A problem in the reader's language; a receiver's own words stay as they are."""
    return str(_PROBLEMS.get(problem, problem))
