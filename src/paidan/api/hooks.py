"""Where platforms push their orders: one address per shop, every message verified with the secret kept for the shop."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from paidan.alerts.webhooks.signing import signature
from paidan.desk.import_platform import PlatformReport, import_platform
from paidan.kit.errors import Refusal
from paidan.network.models import Shop, ShopHook
from paidan.orders.platforms import PLATFORMS
from paidan.orders.platforms.shapes import Platform
from paidan.web.pages import public_page

from .problems import Problem, answer

Headers = Mapping[str, str]
TOLERANCE = timedelta(minutes=5)
HEARD_EVERY = timedelta(minutes=1)
_PING = re.compile(rb"webhook_id=\d+")
"""What WooCommerce posts, unsigned, to see whether an address answers."""


def by_header(header: str) -> Callable[[str, Headers, bytes, datetime], bool]:
    """Base64 of the HMAC-SHA256 of the body in one header, as Shopify and WooCommerce sign."""

    def verify(secret: str, headers: Headers, body: bytes, _now: datetime) -> bool:
        expected = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(expected.encode(), headers.get(header, "").encode())

    return verify


def by_standard(secret: str, headers: Headers, body: bytes, now: datetime) -> bool:
    """Standard Webhooks: for whoever fetches a platform's orders and passes them on."""
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdecimal() or len(stamp) > 11 or abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return False
    try:
        expected = signature(secret, message, stamp, body).encode()
    except ValueError:
        expected = signature(base64.b64encode(secret.encode()).decode(), message, stamp, body).encode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(expected, one.encode()) for one in given)


VERIFY = {"shopify": by_header("X-Shopify-Hmac-Sha256"), "woocommerce": by_header("X-WC-Webhook-Signature")}
TOPICS = {"shopify": "X-Shopify-Topic", "woocommerce": "X-WC-Webhook-Topic"}


@csrf_exempt
@public_page(methods=("POST",))
def hook(request: HttpRequest, shop_code: str, platform: str) -> HttpResponse:
    """Take one message: 1. Who is it from? 2. Is it about orders? 3. Bring them in; the same again changes nothing.

    A shop without a secret, an unknown shop and a bad signature look alike to whoever knocks.
    """
    body, now = request.body, timezone.now()
    if platform == "woocommerce" and _PING.fullmatch(body):
        return JsonResponse({"result": "pong"})
    found = ShopHook.objects.select_related("shop").filter(shop__code=shop_code, shop__active=True).first()
    known = PLATFORMS.get(platform)
    if found is None or known is None or not _is_theirs(found, known, request, body, now):
        return answer(Problem(401, "bad_signature", _("The signature is not one of this shop's secret.")))
    topic = request.headers.get(TOPICS.get(platform, ""), "")
    if topic and not topic.startswith(("order.", "orders/")):
        return JsonResponse({"result": "ignored", "topic": topic})
    return _take(found.shop, known, body, now)


def _is_theirs(found: ShopHook, platform: Platform, request: HttpRequest, body: bytes, now: datetime) -> bool:
    if not VERIFY.get(platform.code, by_standard)(found.secret, request.headers, body, now):
        return False
    rows = ShopHook.objects.filter(pk=found.pk).exclude(heard_at__gt=now - HEARD_EVERY)
    rows.update(heard_at=now)
    return True


def _take(shop: Shop, platform: Platform, body: bytes, now: datetime) -> HttpResponse:
    try:
        report = import_platform(platform, shop, body, now=now)
    except Refusal as refusal:
        return answer(Problem(422, refusal.code, str(refusal)))
    return JsonResponse(told(report), status=422 if report.rejected else 200)


def told(report: PlatformReport) -> dict[str, object]:
    """What became of a message, for the platform's log and for whoever looks into it."""
    counted = ("created", "changed", "unchanged", "cancelled", "skipped", "rejected")
    errors: list[dict[str, str]] = [
        {"number": one.number, "pointer": one.place, "value": one.value, "detail": str(one)}
        for one in report.unreadable
    ]
    for rejects in report.rejects:
        errors += [
            {"pointer": one.column, "code": one.code, "detail": str(one.reason), "remedy": str(one.remedy)}
            for one in rejects.sample
        ]
    return {name: getattr(report, name) for name in counted} | ({"errors": errors} if errors else {})
