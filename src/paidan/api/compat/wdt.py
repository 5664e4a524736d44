"""`/openapi2/<method>.php`: Wangdiantong's open API, as its clients call it."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from paidan.accounts.changes import address_of
from paidan.accounts.credentials import credentials_for, secret_of
from paidan.accounts.models import Credential, Protocol
from paidan.accounts.tokens import acting_user, note_use
from paidan.kit.errors import Refusal
from paidan.web.pages import public_page

from .calls import Call
from .errors import BAD_SIGNATURE, FAILED, MALFORMED, MISSING, STALE, UNKNOWN_CALLER, UNKNOWN_METHOD, ProtocolError
from .methods import METHODS
from .wdt_sign import is_signed

LOG = logging.getLogger("paidan.compat")
FRESH = timedelta(minutes=5)
COMMON = ("sid", "appkey", "timestamp", "sign")
LANGUAGE = "zh-hans"
"""What is answered to a program that asks for no language: its users read Chinese."""


@public_page(methods=("POST",))
@csrf_exempt
def wdt(request: HttpRequest, method: str) -> HttpResponse:
    """Verify, do, answer: always HTTP 200, `code` says how it went."""
    with spoken(request):
        try:
            call = verified(request, now=timezone.now())
            if method not in METHODS:
                words = {"method": method}
                raise ProtocolError(UNKNOWN_METHOD, _("There is no method “%(method)s” here.") % words)
            return answer({"code": 0, "message": "", **METHODS[method](call)})
        except (ProtocolError, Refusal) as error:
            return answer({**_as_said(error), "message": str(error)})
        except Exception:
            LOG.exception("%s failed", method)
            return answer(
                {"code": FAILED, "message": _("This failed here; nothing is known to be wrong with the call.")}
            )


def spoken(request: HttpRequest) -> Any:
    """The language the caller asks for, else Chinese."""
    asked = request.headers.get("Accept-Language")
    return translation.override(translation.get_language_from_request(request) if asked else LANGUAGE)


def answer(body: Mapping[str, Any]) -> HttpResponse:
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def form_of(request: HttpRequest) -> dict[str, str]:
    """The form's fields; one that comes twice could be signed as either and is refused."""
    fields: dict[str, str] = {}
    for name, values in request.POST.lists():
        if len(values) != 1:
            raise ProtocolError(MALFORMED, _("“%(name)s” stands in the form twice.") % {"name": name})
        fields[name] = str(values[0])
    refuse_unstorable(fields)
    return fields


def refuse_unstorable(fields: Mapping[str, str]) -> None:
    """The one character no database takes is an error with its field."""
    for name, value in fields.items():
        if "\x00" in value or "\x00" in name:
            raise ProtocolError(MALFORMED, _("“%(name)s” has characters nobody can store.") % {"name": name[:40]})


def verified(request: HttpRequest, *, now: datetime) -> Call:
    """The call, once its caller, age and signature are known to be good."""
    fields = form_of(request)
    for name in COMMON:
        if not fields.get(name):
            raise ProtocolError(MISSING, _("The parameter “%(name)s” is missing.") % {"name": name})
    named = {"account": fields["sid"], "app_key": fields["appkey"]}
    found = known_by(credentials_for(Protocol.WDT, now=now, **named))
    _refuse_stale(fields["timestamp"], now)
    credential = next((one for one in found if is_signed(fields, secret_of(one))), None)
    if credential is None:
        raise ProtocolError(BAD_SIGNATURE, _("The signature (sign) is wrong."))
    return call_of(request, credential, fields, now)


def known_by(found: list[Credential]) -> list[Credential]:
    """The credentials of a caller, if there is any."""
    if not found:
        raise ProtocolError(UNKNOWN_CALLER, _("Nobody is known by this account and app key."))
    return found


def call_of(request: HttpRequest, credential: Credential, parameters: Mapping[str, str], now: datetime) -> Call:
    """A verified call, its credential's use noted."""
    refuse_unstorable(parameters)
    note_use(credential.token, now=now, address=address_of(request))
    return Call(acting_user(credential.token), credential, now, parameters)


def _refuse_stale(text: str, now: datetime) -> None:
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
    if abs(now.timestamp() - seconds) > FRESH.total_seconds():
        raise ProtocolError(STALE, _("The timestamp is more than five minutes from this server's clock."))


def _as_said(error: ProtocolError | Refusal) -> dict[str, Any]:
    return {"code": FAILED} if isinstance(error, Refusal) else {"code": error.code, **error.more}
