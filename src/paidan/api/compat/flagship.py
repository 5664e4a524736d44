"""`/openapi?method=…`: the flagship edition's own address, with its signature, list of arguments and replies."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from paidan.accounts.credentials import credentials_for, secret_of
from paidan.accounts.models import Credential, Protocol
from paidan.kit.errors import Refusal
from paidan.web.pages import public_page

from .calls import Call, read_json
from .errors import BAD_SIGNATURE, FAILED, MALFORMED, MISSING, STALE, UNKNOWN_METHOD, ProtocolError
from .flagship_methods import METHODS
from .wdt import FRESH, answer, call_of, known_by, refuse_unstorable, spoken
from .wdt_sign import md5, same

LOG = logging.getLogger("paidan.compat")
EPOCH = 1_325_347_200
"""Its timestamps count from the first of January 2012 in China."""
COMMON = ("sid", "key", "salt", "method", "timestamp", "v", "sign")
VERSION = "1.0"
PAGER = ("page_no", "page_size")
WRONG_CALL, WRONG_TIME, WRONG_VERSION, APPLICATION = 1, 7, 8, 100
STATUS = {STALE: WRONG_TIME}
"""Its numbers for what went wrong; a code of 1001 to 1007 is the call's fault, the rest the application's."""


@public_page(methods=("POST",))
@csrf_exempt
def flagship(request: HttpRequest) -> HttpResponse:
    """Verify, do, answer: always HTTP 200, `status` says how it went."""
    with spoken(request):
        try:
            call = verified(request, now=timezone.now())
            return answer({"status": 0, "message": "ok", "data": METHODS[call.parameters["method"]](call)})
        except ProtocolError as error:
            return refused(STATUS.get(error.code, WRONG_CALL if error.code <= MALFORMED else APPLICATION), error)
        except Refusal as error:
            return refused(APPLICATION, error)
        except Exception:
            LOG.exception("The flagship edition's call failed")
            said = _("This failed here; nothing is known to be wrong with the call.")
            return refused(APPLICATION, ProtocolError(FAILED, said))


def refused(status: int, error: Exception) -> HttpResponse:
    return answer({"status": status, "message": str(error)})


def verified(request: HttpRequest, *, now: datetime) -> Call:
    """The call, once its caller, age, version and signature are known to be good."""
    fields = fields_of(request)
    for name in COMMON:
        if not fields.get(name):
            raise ProtocolError(MISSING, _("The parameter “%(name)s” is missing.") % {"name": name})
    found = known_by(credentials_for(Protocol.WDT, now=now, account=fields["sid"], app_key=fields["key"]))
    _refuse_stale(fields["timestamp"], now)
    credential = next((one for one in found if is_signed(fields, one)), None)
    if credential is None:
        raise ProtocolError(BAD_SIGNATURE, _("A signature (sign) or the salt is wrong."))
    if fields["v"] != VERSION:
        raise ProtocolError(MALFORMED, _("Version %(version)s is answered here.") % {"version": VERSION})
    if fields["method"] not in METHODS:
        words = {"method": fields["method"]}
        raise ProtocolError(UNKNOWN_METHOD, _("There is no method “%(method)s” here.") % words)
    return call_of(request, credential, parameters_of(fields), now)


def fields_of(request: HttpRequest) -> dict[str, str]:
    """The parameters of the address, and the body as it came; one that comes twice could be signed as either."""
    fields: dict[str, str] = {}
    for name, values in request.GET.lists():
        if len(values) != 1:
            raise ProtocolError(MALFORMED, _("“%(name)s” stands in the form twice.") % {"name": name})
        fields[name] = values[0]
    try:
        fields["body"] = request.body.decode()
    except UnicodeDecodeError:
        raise ProtocolError(MALFORMED, _("“%(name)s” is not valid JSON.") % {"name": "body"}) from None
    refuse_unstorable(fields)
    return fields


def signature(fields: Mapping[str, str], secret: str) -> str:
    """The secret, every name and value in the order of the names, the body among them, and the secret again."""
    parts = "".join(f"{name}{value}" for name, value in sorted(fields.items()) if name != "sign")
    return md5(f"{secret}{parts}{secret}")


def is_signed(fields: Mapping[str, str], credential: Credential) -> bool:
    """Signed with the part of the secret before the colon; the part behind it is the salt."""
    secret, _colon, salt = secret_of(credential).partition(":")
    return same(fields["salt"], salt) and same(fields["sign"].lower(), signature(fields, secret))


def _refuse_stale(text: str, now: datetime) -> None:
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
    if abs(now.timestamp() - EPOCH - seconds) > FRESH.total_seconds():
        raise ProtocolError(STALE, _("The timestamp is more than five minutes from this server's clock."))


def parameters_of(fields: Mapping[str, str]) -> dict[str, str]:
    """The method, the pager, the arguments as they came, and the fields of the first one where it is an object."""
    arguments = read_json(fields["body"], "body")
    if not isinstance(arguments, list):
        raise ProtocolError(MALFORMED, _("The body is a JSON list of arguments."))
    first = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
    said = {name: _as_text(value) for name, value in first.items() if value is not None}
    pager = {name: fields[name] for name in PAGER if fields.get(name)}
    return {**said, **pager, "method": fields["method"], "arguments": fields["body"]}


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
