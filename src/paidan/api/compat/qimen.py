"""`/router/qm`: the same methods through the Qimen gateway, with its form, its two signatures and its replies."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from paidan.accounts.credentials import credentials_for, gateway_secret_of, secret_of
from paidan.accounts.models import Credential, Protocol
from paidan.kit.errors import Refusal
from paidan.web.pages import public_page

from .calls import MOMENT, Call, zone
from .errors import BAD_SIGNATURE, FAILED, MALFORMED, MISSING, STALE, UNKNOWN_METHOD, ProtocolError
from .qimen_methods import METHODS
from .qimen_sign import bare, business_of, is_gateway_signed, is_wdt_signed
from .wdt import FRESH, answer, call_of, form_of, known_by, spoken
from .wdt_sign import same

LOG = logging.getLogger("paidan.compat")
NEEDED = (
    *("app_key", "method", "timestamp", "sign", "target_app_key", "wdt3_customer_id"),
    *("datetime", "wdt_appkey", "wdt_salt", "wdt_sign"),
)
SUBCODES = {BAD_SIGNATURE: "sign-check-failure", STALE: "timestamp-out-of-range", MISSING: "missing-parameter"}


@public_page(methods=("POST",))
@csrf_exempt
def qimen(request: HttpRequest) -> HttpResponse:
    """Verify both signatures, do, answer; what goes wrong is an `error_response`."""
    with spoken(request):
        try:
            fields = form_of(request)
            call = verified(request, fields, now=timezone.now())
            method = bare(fields["method"])
            if method not in METHODS:
                words = {"method": method}
                raise ProtocolError(UNKNOWN_METHOD, _("There is no method “%(method)s” here.") % words)
            return answer(METHODS[method](call))
        except ProtocolError as error:
            return refused(error.code, str(error), error.more)
        except Refusal as error:
            return refused(FAILED, str(error), {})
        except Exception:
            LOG.exception("The gateway's call failed")
            return refused(FAILED, _("This failed here; nothing is known to be wrong with the call."), {})


def refused(code: int, sentence: str, more: Mapping[str, Any]) -> HttpResponse:
    """The gateway's form of an error; HTTP 200, as its clients expect."""
    sub = SUBCODES.get(code, f"isv.{code}")
    said = {"code": code, "msg": sentence, "sub_code": sub, "sub_msg": sentence, "flag": "failure", **more}
    return answer({"error_response": said})


def verified(request: HttpRequest, fields: Mapping[str, str], *, now: datetime) -> Call:
    """The call, once caller, receiver, age and both signatures are known to be good."""
    for name in NEEDED:
        if not fields.get(name):
            raise ProtocolError(MISSING, _("The parameter “%(name)s” is missing.") % {"name": name})
    named = {
        "account": fields["wdt3_customer_id"],
        "app_key": fields["wdt_appkey"],
        "gateway_key": fields["app_key"],
        "target_key": fields["target_app_key"],
    }
    found = known_by(credentials_for(Protocol.WDT_QIMEN, now=now, **named))
    for name in ("timestamp", "datetime"):
        _refuse_stale(fields[name], name, now)
    credential = next((one for one in found if _is_signed(fields, one)), None)
    if credential is None:
        raise ProtocolError(BAD_SIGNATURE, _("A signature (sign or wdt_sign) or the salt is wrong."))
    return call_of(request, credential, parameters_of(fields), now)


def _is_signed(fields: Mapping[str, str], credential: Credential) -> bool:
    secret, _colon, salt = secret_of(credential).partition(":")
    return (
        same(fields["wdt_salt"], salt)
        and is_gateway_signed(fields, gateway_secret_of(credential))
        and is_wdt_signed(fields, secret)
    )


def _refuse_stale(text: str, name: str, now: datetime) -> None:
    """Clients send their own clock's reading without its zone: China's, as the gateway asks, or UTC."""
    try:
        at = datetime.strptime(text, MOMENT)  # noqa: DTZ007 - which zone it is in is what is being found out
    except ValueError:
        words = {"name": name, "value": text[:40]}
        raise ProtocolError(MALFORMED, _("%(name)s: “%(value)s” is not YYYY-MM-DD HH:MM:SS.") % words) from None
    if not any(abs(now - at.replace(tzinfo=one)) <= FRESH for one in (zone(), UTC)):
        raise ProtocolError(STALE, _("The timestamp is more than five minutes from this server's clock."))


def parameters_of(fields: Mapping[str, str]) -> dict[str, str]:
    """The business parameters as texts; those within the JSON texts `params` and `pager` stand beside the others."""
    found = business_of(fields)
    for name in ("params", "pager"):
        if found.get(name):
            found |= _inner(found.pop(name), name)
    return found


def _inner(text: str, name: str) -> dict[str, str]:
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise ProtocolError(MALFORMED, _("“%(name)s” is a JSON object.") % {"name": name})
    return {key: _as_text(value) for key, value in said.items() if value is not None}


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
