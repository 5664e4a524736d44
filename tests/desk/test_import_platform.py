"""Platforms' orders brought in: new, changed, cancelled, refunded, old news; through every door, with one outcome."""

# ruff: noqa: ARG001 - fixtures that only set the place up

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook
from tests.builders import GUANGZHOU, NOW, make_shop, make_stock, make_warehouse
from tests.orders.platforms.samples import SAMPLES, sample
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.cancelling import REFUND_ASKED
from paidan.allocation.doctor import all_violations
from paidan.allocation.holds import release_orders
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.desk.import_platform import import_platform
from paidan.network.models import ShopHook
from paidan.orders.models import Hold, Order, OrderLine
from paidan.orders.platforms import PLATFORMS
from paidan.orders.states import AddressState, OrderState

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    warehouse = make_warehouse("gz", **GUANGZHOU)
    for code in ("A", "B", "A-RED", "23", "77", "1002"):
        make_stock(warehouse, code, 100)
    yield make_shop("corner", name="Corner")
    assert not list(all_violations())


def bring(platform, document, shop, **more):
    body = json.dumps(document, ensure_ascii=False).encode()
    report = import_platform(PLATFORMS[platform], shop, body, now=NOW, **more)
    told = ("created", "changed", "unchanged", "cancelled", "skipped", "rejected")
    return {name: getattr(report, name) for name in told if getattr(report, name)}


@pytest.mark.parametrize("platform", sorted(SAMPLES))
def test_an_order_comes_in_once_however_often_it_is_sent(platform, shop):
    assert bring(platform, sample(platform), shop, dry_run=True) == {"created": 1}
    assert not Order.objects.exists()
    assert bring(platform, sample(platform), shop) == {"created": 1}
    assert bring(platform, sample(platform), shop) == {"unchanged": 1}
    order = Order.objects.select_related("recipient").get()
    assert (order.state, order.shop, order.queued is not None) == (OrderState.PENDING, shop, True)
    assert not OrderLine.objects.filter(sku=None).exists()
    assert order.address_state in (AddressState.RESOLVED, AddressState.AMBIGUOUS)


def trade(document):
    return document["trade_fullinfo_get_response"]["trade"]


def test_a_change_at_the_platform_changes_the_order_and_older_news_does_not_undo_it(shop):
    older, newer = sample("taobao"), sample("taobao")
    trade(newer)["modified"] = "2026-11-11 09:00:00"
    trade(newer)["orders"]["order"][0]["num"] = 5
    bring("taobao", older, shop)
    assert bring("taobao", newer, shop) == {"changed": 1}
    assert bring("taobao", older, shop) == {"skipped": 1}
    assert OrderLine.objects.get(number="2067719225654839").qty == 5


def test_what_the_platform_cancels_is_cancelled_with_its_allocation(shop):
    bring("taobao", sample("taobao"), shop)
    order = Order.objects.get()
    assign_by_hand(order.pk, warehouse=make_warehouse_of(shop), now=NOW)
    closed = sample("taobao")
    trade(closed)["status"] = "TRADE_CLOSED"
    assert bring("taobao", closed, shop) == {"cancelled": 1}
    assert bring("taobao", closed, shop) == {}
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    assert Allocation.objects.get().state == AllocationState.CANCELLED


def make_warehouse_of(_shop):
    from paidan.network.models import Warehouse

    return Warehouse.objects.get()


def test_a_refund_asked_for_holds_the_order_until_it_is_withdrawn(shop):
    bring("taobao", sample("taobao"), shop)
    asked = sample("taobao")
    trade(asked)["orders"]["order"][0]["refund_status"] = "WAIT_SELLER_AGREE"
    for _ in range(2):
        bring("taobao", asked, shop)
    assert Hold.objects.get(released_at=None).reason == REFUND_ASKED
    bring("taobao", sample("taobao"), shop)
    assert not Hold.objects.filter(released_at=None).exists()


def test_what_a_person_released_is_not_held_again_for_the_same_request(shop):
    asked = sample("taobao")
    trade(asked)["orders"]["order"][0]["refund_status"] = "WAIT_SELLER_AGREE"
    bring("taobao", asked, shop)
    release_orders([Order.objects.get().pk], now=NOW, by=sign_in_as(Role.CLERK).user)
    bring("taobao", asked, shop)
    assert not Hold.objects.filter(released_at=None).exists()


def test_a_refunded_line_is_taken_out_and_a_wholly_refunded_order_is_cancelled(shop):
    bring("taobao", sample("taobao"), shop)
    part = sample("taobao")
    trade(part)["orders"]["order"][0]["refund_status"] = "SUCCESS"
    assert bring("taobao", part, shop) == {"changed": 1}
    assert sum(line.qty - line.cancelled_qty for line in OrderLine.objects.all()) == 1
    trade(part)["orders"]["order"][1]["refund_status"] = "SUCCESS"
    assert bring("taobao", part, shop) == {"cancelled": 1}
    assert Order.objects.get().state == OrderState.CANCELLED


@pytest.mark.parametrize("status", ["WAIT_BUYER_PAY", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_FINISHED", "TRADE_CLOSED"])
def test_what_is_unpaid_shipped_or_closed_is_not_taken(status, shop):
    document = sample("taobao")
    trade(document)["status"] = status
    assert bring("taobao", document, shop) == {"skipped": 1}
    assert not Order.objects.exists()


def test_of_a_partly_shipped_order_we_never_had_only_the_rest_comes_in(shop):
    document = sample("taobao")
    trade(document)["status"] = "SELLER_CONSIGNED_PART"
    trade(document)["orders"]["order"][0]["status"] = "WAIT_BUYER_CONFIRM_GOODS"
    assert bring("taobao", document, shop) == {"created": 1}
    assert bring("taobao", document, shop) == {"unchanged": 1}
    assert [line.shop_code for line in OrderLine.objects.all()] == ["B"]


# The address platforms push to ------------------------------------------------------------------------------------

SECRET = "shpss_0123456789abcdef"


def signed(platform, body, secret=SECRET):
    """The header a platform sends, computed here once more."""
    digest = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {{"shopify": "X-Shopify-Hmac-Sha256", "woocommerce": "X-WC-Webhook-Signature"}[platform]: digest}


@pytest.fixture
def hooked(shop):
    ShopHook.objects.create(shop=shop, secret=SECRET, changed_at=NOW)
    return shop


def post(platform, body, headers, shop="corner"):
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/{shop}/{platform}", body, content_type="application/json", headers=headers
    )


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
def test_a_signed_message_is_taken_and_the_same_again_changes_nothing(platform, hooked):
    body = json.dumps(sample(platform)).encode()
    first, second = (post(platform, body, signed(platform, body)) for _ in range(2))
    assert (first.status_code, first.json()["created"]) == (200, 1)
    assert (second.status_code, second.json()["unchanged"]) == (200, 1)
    assert Order.objects.get().shop == hooked
    assert ShopHook.objects.get().heard_at


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
def test_without_a_good_signature_nothing_is_taken(platform, hooked):
    body = json.dumps(sample(platform)).encode()
    good = signed(platform, body)
    for headers, sent, shop in (
        ({}, body, "corner"),
        (signed(platform, body, "another secret 0000"), body, "corner"),
        (good, body + b" ", "corner"),
        (good, body, "nowhere"),
    ):
        answer = post(platform, sent, headers, shop)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert post("taobao", body, good).status_code == 401
    assert not Order.objects.exists()


def test_a_platforms_json_is_passed_on_with_a_standard_signature(hooked):
    body, now = json.dumps(sample("pdd"), ensure_ascii=False).encode(), timezone.now()
    secret = "whsec_" + base64.b64encode(SECRET.encode()).decode()
    ShopHook.objects.update(secret=secret)

    def headers(at):
        signature = Webhook(secret).sign("m1", at, body.decode())
        return {"webhook-id": "m1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}

    assert post("pdd", body, headers(now - timedelta(minutes=6))).status_code == 401
    assert post("pdd", body, headers(now)).json()["created"] == 1


def test_pings_and_other_topics_are_answered_and_change_nothing(hooked):
    assert post("woocommerce", b"webhook_id=12", {}).status_code == 200
    body = json.dumps({"id": 1}).encode()
    answer = post("shopify", body, {**signed("shopify", body), "X-Shopify-Topic": "products/update"})
    assert answer.json() == {"result": "ignored", "topic": "products/update"}


def test_what_cannot_be_read_is_said_with_its_place(hooked):
    document = sample("shopify")
    document["line_items"][0]["quantity"] = "many"
    body = json.dumps(document).encode()
    answer = post("shopify", body, signed("shopify", body))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["number"], error["pointer"]) == ("#1001", "/line_items/0/quantity")
    assert post("shopify", b"<xml>", signed("shopify", b"<xml>")).json()["code"] == "not_json"


def test_the_secret_is_kept_on_the_shops_page_and_never_shown(shop):
    person = sign_in_as(Role.INTEGRATOR)
    address = reverse("desk:settings-shop-hook", args=[shop.pk])
    assert address in person.client.get(reverse("desk:settings-shop", args=[shop.pk])).content.decode()
    assert person.client.post(address, {"secret": "short"}).status_code == 422
    assert person.client.post(address, {"secret": SECRET}).status_code == 302
    page = person.client.get(address).content.decode()
    assert SECRET not in page
    assert "/hooks/corner/shopify" in page
    person.client.post(address, {"secret": ""})
    assert not ShopHook.objects.exists()
    assert sign_in_as(Role.LEAD, shops=[make_shop("other")]).client.get(address).status_code == 404
    assert sign_in_as(Role.CLERK).client.get(address).status_code == 403
