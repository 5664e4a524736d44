"""Idempotency-Key: what is asked twice with one key is done once, and the answer is given again.

The key's row is committed before the work begins, so of two calls at once one works and the other is told to wait. A
worker killed in between leaves the row; after LEASE another call with the key may do the work.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from .models import Answered
from .problems import Problem

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=10)
WRITING = ("POST", "PUT", "PATCH")
LONGEST = 200

_CLAIM = """
INSERT INTO api_answered (token_id, key, request, asked_at, status, body, content_type)
VALUES (%(token)s, %(key)s, %(request)s, %(now)s, 0, '', '')
ON CONFLICT (token_id, key) DO UPDATE
SET request = excluded.request, asked_at = excluded.asked_at, status = 0, body = '', content_type = ''
WHERE api_answered.asked_at < %(old)s OR (api_answered.status = 0 AND api_answered.asked_at < %(abandoned)s
    AND api_answered.request = excluded.request)
RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """This call does the work of a key."""

    token_id: int
    key: str
    asked_at: datetime


class AnsweredBefore(Exception):
    """The key has been answered: here it is again."""

    def __init__(self, kept: Answered) -> None:
        super().__init__(kept.key)
        self.kept = kept

    def again(self) -> HttpResponse:
        """The answer as it was, marked as a repetition."""
        answer = HttpResponse(self.kept.body, status=self.kept.status, content_type=self.kept.content_type)
        answer["Idempotency-Replayed"] = "true"
        return answer


def claim(request: HttpRequest, token_id: int, now: datetime) -> Claim | None:
    """Take the work of the request's key; nothing if it has none. Raises when it is answered, under way or misused."""
    key = request.headers.get("Idempotency-Key", "")
    if not key or request.method not in WRITING:
        return None
    if len(key) > LONGEST or not key.isprintable() or not key.isascii():
        said = _("“Idempotency-Key” is at most %(most)d plain characters.") % {"most": LONGEST}
        raise Problem(422, "bad_key", said, pointer="Idempotency-Key")
    said_hash = digest(request)
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "token": token_id,
                "key": key,
                "request": said_hash,
                "now": now,
                "old": now - KEPT,
                "abandoned": now - LEASE,
            },
        )
        if cursor.fetchone():
            return Claim(token_id, key, now)
    kept = Answered.objects.filter(token_id=token_id, key=key).first()
    if kept is not None and kept.request != said_hash:
        reused = _("This key was used for another request. Choose a new key for every new request.")
        raise Problem(409, "key_reused", reused, pointer="Idempotency-Key")
    if kept is None or not kept.status:
        working = _("The same request is being worked on. Ask again in a moment, with the same key.")
        raise Problem(409, "in_flight", working, pointer="Idempotency-Key")
    raise AnsweredBefore(kept)


def digest(request: HttpRequest) -> str:
    """What was asked: method, address, parameters and body."""
    found = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    found.update(request.body)
    return found.hexdigest()


def keep(taken: Claim, answer: HttpResponse) -> None:
    """Keep the answer for whoever asks again; after a failure of ours the key is free, so that asking again works."""
    mine = Answered.objects.filter(token_id=taken.token_id, key=taken.key, asked_at=taken.asked_at, status=0)
    if answer.status_code >= 500:
        mine.delete()
    else:
        mine.update(status=answer.status_code, body=answer.content.decode(), content_type=answer["Content-Type"])


def release(taken: Claim | None) -> None:
    """Free the key of work that failed without an answer."""
    if taken is not None:
        Answered.objects.filter(token_id=taken.token_id, key=taken.key, asked_at=taken.asked_at, status=0).delete()


def forget_answers(now: datetime) -> int:
    """Drop what nobody may ask for any more; answers how many."""
    return Answered.objects.filter(asked_at__lt=now - KEPT).delete()[0]
