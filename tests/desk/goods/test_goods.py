"""SKUs, bundles, codes, stock and movements as pages: what they do, who may, and what they cost."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.builders import (
    GUANGZHOU,
    NOW,
    make_bundle,
    make_order,
    make_shop,
    make_shop_sku,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.allocation.trying import try_now
from paidan.catalog.models import BundleComponent, Sku
from paidan.network.models import ShopSku
from paidan.orders.models import Order, OrderException, OrderLine, QueuedOrder
from paidan.orders.states import ExceptionKind, OrderState
from paidan.rules.services import publish_rules
from paidan.stock.models import Stock, StockMovement, StockRow

LISTS = ("skus", "bundles", "mapped-codes", "stock", "movements")


@pytest.fixture
def shelf(db):  # noqa: ARG001 - it needs the database
    """Ten A in Guangzhou and in Beijing; afterwards every invariant must hold."""
    gz, bj = make_warehouse("gz", name="Guangzhou", **GUANGZHOU), make_warehouse("bj", name="Beijing")
    make_stock(gz, "A", 10)
    make_stock(bj, "A", 10)
    publish_rules({"rules": []}, now=NOW)
    yield SimpleNamespace(gz=gz, bj=bj, sku=make_sku("A"), shop=make_shop("tmall"))
    assert list(all_violations()) == []


def adjust_url(shelf, place=None):
    return reverse("desk:stock-adjust", args=[shelf.sku.pk, (place or shelf.gz).pk])


def confirm(client, url, **values):
    """Preview, then confirm what was previewed."""
    shown = client.post(url, values)
    assert shown.status_code == 200, shown.content.decode()
    return shown, client.post(url, {**values, "seen": shown.context["seen"], "confirm": "1"})


def test_a_key_of_one_column_names_every_stock_row(shelf):
    row = StockRow.objects.get(sku=shelf.sku, warehouse=shelf.bj)
    assert row.key == (shelf.sku.pk << 32) + shelf.bj.pk


def test_an_adjustment_is_previewed_without_writing_then_done_with_its_reason(shelf):
    lead = sign_in_as(Role.LEAD)
    values = {"mode": "change", "number": "-4", "safety": "2", "reason": "damaged"}
    shown = lead.client.post(adjust_url(shelf), values)
    assert shown.context["effect"].after.free == 4
    assert not StockMovement.objects.exists()
    _shown, done = confirm(lead.client, adjust_url(shelf), **values)
    assert done.status_code == 302
    stock = Stock.objects.get(sku=shelf.sku, warehouse=shelf.gz)
    assert (stock.on_hand_qty, stock.safety_qty) == (6, 2)
    moved = StockMovement.objects.get()
    assert (moved.delta_qty, moved.reason, moved.by) == (-4, "damaged", lead.user)
    logged = ChangeLogEntry.objects.get(action="stock.adjusted")
    assert (logged.before["on_hand"], logged.after["on_hand"], logged.reason) == (10, 6, "damaged")


def test_values_that_were_not_previewed_are_previewed_first(shelf):
    client = sign_in_as(Role.LEAD).client
    shown = client.post(adjust_url(shelf), {"mode": "set", "number": "7", "reason": "counted"})
    other = {"mode": "set", "number": "3", "reason": "counted", "seen": shown.context["seen"], "confirm": "1"}
    assert client.post(adjust_url(shelf), other).context["effect"].after.on_hand == 3
    assert Stock.objects.get(sku=shelf.sku, warehouse=shelf.gz).on_hand_qty == 10


def test_a_count_below_what_is_reserved_says_what_goes_back_and_does_it(shelf):
    orders = [make_order({"A": 3}, shop=shelf.shop) for _number in range(3)]
    for order in orders:
        assign_by_hand(order.id, warehouse=shelf.gz, now=NOW)
    shown, _done = confirm(sign_in_as(Role.LEAD).client, adjust_url(shelf), mode="set", number="7", reason="counted")
    assert shown.context["effect"].report.sent_back == 1
    assert Allocation.objects.filter(state=AllocationState.ASSIGNED).count() == 2
    assert Order.objects.get(pk=orders[-1].pk).state == OrderState.PENDING
    assert not OrderException.objects.filter(kind=ExceptionKind.SHORTAGE, resolved_at=None).exists()


def test_more_stock_wakes_the_orders_that_wait_for_it(shelf):
    order = make_order({"A": 15}, shop=shelf.shop)
    try_now([order.pk], now=NOW)
    assert Order.objects.get(pk=order.pk).state == OrderState.UNALLOCATED
    shown, _done = confirm(sign_in_as(Role.LEAD).client, adjust_url(shelf), mode="set", number="20", reason="came in")
    assert shown.context["effect"].report.queued == 1
    assert QueuedOrder.objects.filter(order=order).exists()


def test_what_makes_no_sense_comes_back_in_the_form(shelf):
    client = sign_in_as(Role.LEAD).client
    for wrong in (
        {"mode": "set", "number": "-1", "reason": "x"},
        {"mode": "change", "number": "-11", "reason": "x"},
        {"mode": "set", "number": "", "reason": "x"},
        {"mode": "set", "number": "5", "reason": ""},
    ):
        shown = client.post(adjust_url(shelf), wrong)
        assert shown.context["form"].errors, wrong
        assert shown.context["effect"] is None


def test_a_batch_adjusts_previews_and_is_undone(shelf):
    lead = sign_in_as(Role.LEAD)
    keys = list(StockRow.objects.values_list("key", flat=True))
    opened = lead.client.post(reverse("desk:stock-batch", args=["adjust"]), {"id": keys})
    batch = opened.context["batch"].pk
    values = {"mode": "change", "number": "-3", "reason": "sample"}
    shown = lead.client.post(reverse("desk:stock-batch-preview", args=[batch]), values)
    assert (shown.context["preview"].can, shown.context["preview"].changes[0].after) == (2, "14")
    lead.client.post(reverse("desk:stock-batch-apply", args=[batch]))
    assert sorted(Stock.objects.values_list("on_hand_qty", flat=True)) == [7, 7]
    lead.client.post(reverse("desk:stock-batch-undo", args=[batch]))
    assert sorted(Stock.objects.filter(sku=shelf.sku).values_list("on_hand_qty", flat=True)) == [10, 10]


def test_a_mapped_code_wakes_every_order_that_waits_for_it(shelf):
    orders = [make_order({"X-1": 1}, shop=shelf.shop, unmapped=["X-1"]) for _number in range(3)]
    clerk = sign_in_as(Role.CLERK)
    [waiting] = clerk.client.get(reverse("desk:shop-codes")).context["unmapped"]
    assert (waiting.code, waiting.orders, waiting.pieces) == ("X-1", 3, 3)
    clerk.client.post(reverse("desk:shop-code-map", args=[shelf.shop.pk]), {"code": "X-1", "sku": "a"})
    assert ShopSku.objects.get().sku == shelf.sku
    assert OrderLine.objects.filter(sku=shelf.sku).count() == 3
    try_now([order.pk for order in orders], now=NOW)
    assert Order.objects.filter(state=OrderState.ALLOCATED).count() == 3
    assert not clerk.client.get(reverse("desk:shop-codes")).context["unmapped"]


def test_a_new_sku_takes_the_orders_that_wait_for_its_code(shelf):
    order = make_order({"NEW": 1}, shop=shelf.shop, unmapped=["NEW"])
    values = {"code": "NEW", "name": "Cup", "tags": "fragile, new", "weight_g": "380"}
    sign_in_as(Role.LEAD).client.post(reverse("desk:sku-new"), values)
    sku = Sku.objects.get(code="NEW")
    assert (sku.tags, sku.weight_g, sku.volume_cm3) == (["fragile", "new"], 380, 0)
    assert OrderLine.objects.get(order=order).sku == sku


def test_a_code_that_is_taken_is_refused(shelf):
    make_sku("B")
    answer = sign_in_as(Role.LEAD).client.post(reverse("desk:sku-change", args=[shelf.sku.pk]), {"code": "B"})
    assert answer.status_code == 422
    assert "code" in answer.context["form"].errors


def test_the_parts_of_a_bundle_are_set_and_a_bundle_within_a_bundle_is_refused(shelf):
    bundle, lead = make_sku("SET"), sign_in_as(Role.LEAD)
    frame = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"}
    parts = {"form-0-sku": "A", "form-0-qty": "2", "form-1-sku": "", "form-1-qty": ""}
    url = reverse("desk:bundle", args=[bundle.pk])
    assert lead.client.post(url, {**frame, **parts}).status_code == 302
    assert list(BundleComponent.objects.values_list("component__code", "qty")) == [("A", 2)]
    outer = make_sku("OUTER")
    nested = {**frame, "form-0-sku": "SET", "form-0-qty": "1"}
    assert lead.client.post(reverse("desk:bundle", args=[outer.pk]), nested).status_code == 422
    emptied = {**frame, "form-INITIAL_FORMS": "1", "form-0-sku": "", "form-0-qty": ""}
    assert lead.client.post(url, emptied).status_code == 302
    assert not BundleComponent.objects.exists()
    assert shelf.sku


def test_four_people_see_and_touch_only_what_is_theirs(shelf):
    team = make_team("t1", shelf.gz)
    people = {
        "lead": sign_in_as(Role.LEAD),
        "team": sign_in_as(Role.TEAM, member_of=[team]),
        "viewer": sign_in_as(Role.VIEWER),
        "elsewhere": sign_in_as(Role.LEAD, warehouses=[shelf.bj], shops=[make_shop("jd")]),
    }
    make_order({"X-1": 1}, shop=shelf.shop, unmapped=["X-1"])
    code = make_shop_sku(shelf.shop, "Y", "A")
    sku = [shelf.sku.pk]

    def answers(name, *arguments):
        url = reverse(f"desk:{name}", args=arguments)
        return [who.client.get(url).status_code for who in people.values()]

    for name in (*LISTS, "shop-codes"):
        assert answers(name) == [200, 403, 200, 200]
    assert answers("sku", *sku) == [200, 403, 200, 200]
    assert answers("sku-change", *sku) == [200, 403, 403, 200]
    assert answers("stock-adjust", *sku, shelf.gz.pk) == [200, 403, 403, 404]
    assert answers("shop-code", code.pk) == [200, 403, 403, 404]
    far = people["elsewhere"].client
    assert [line["label"] for line in far.get(reverse("desk:stock")).context["rows"]] == ["A · Beijing"]
    assert [place for place, _row in far.get(reverse("desk:sku", args=sku)).context["places"]] == [shelf.bj]
    assert far.get(reverse("desk:shop-codes")).context["unmapped"] == []
    mapping = reverse("desk:shop-code-map", args=[shelf.shop.pk])
    assert far.post(mapping, {"code": "X-1", "sku": "A"}).status_code == 404
    assert people["viewer"].client.post(mapping, {"code": "X-1", "sku": "A"}).status_code == 403
    batch = reverse("desk:stock-batch", args=["adjust"])
    assert people["viewer"].client.post(batch, {"all": "1"}).status_code == 403


@pytest.mark.parametrize("name", [*LISTS, "shop-codes"])
def test_a_list_asks_as_many_questions_for_many_rows_as_for_few(shelf, name):
    client = sign_in_as(Role.LEAD).client
    asked = []
    for number in (2, 40):
        for at in range(number):
            sku = make_sku(f"{number}-{at}")
            make_stock(shelf.gz, sku, 5)
            make_bundle(f"set-{number}-{at}", {sku.code: 2})
            make_shop_sku(shelf.shop, f"code-{number}-{at}", sku)
            make_order({f"un-{number}-{at}": 1}, shop=shelf.shop, unmapped=[f"un-{number}-{at}"])
            StockMovement.objects.create(
                sku=sku, warehouse=shelf.gz, kind=1, delta_qty=5, on_hand_qty=5, at=NOW, reason="counted"
            )
        client.get(reverse(f"desk:{name}"))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(f"desk:{name}")).status_code == 200
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 16


@pytest.mark.parametrize("tab", ["all", "short", "none", "waited"])
def test_stock_is_filtered_and_exported(shelf, tab):
    client = sign_in_as(Role.LEAD).client
    answer = client.get(reverse("desk:stock"), {"tab": tab, "sku": "A", "warehouse": shelf.gz.pk})
    assert len(answer.context["rows"]) == (1 if tab == "all" else 0)
    url = reverse("desk:stock-export", args=["csv"])
    exported = client.get(url, {"tab": tab, "warehouse": shelf.gz.pk})
    lines = b"".join(exported.streaming_content).decode().splitlines()
    assert len(lines) == (2 if tab == "all" else 1)


def test_a_field_for_a_sku_suggests_codes_and_names(shelf):
    make_sku("CUP-1", name="Blue cup")
    client = sign_in_as(Role.CLERK).client
    for words in ("CUP", "blue"):
        assert b"CUP-1" in client.get(reverse("desk:sku-options"), {"form-0-sku": words}).content
    assert client.get(reverse("desk:sku-options"), {"sku": ""}).content.strip() == b""
    assert shelf.sku
