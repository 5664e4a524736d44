"""A few orders pushed to be decided at once: the same answers, rows and announcements as by the general way."""

import json

import pytest
from django.db import OperationalError, transaction
from tests.builders import make_bundle

from paidan.allocation.models import Allocation
from paidan.api import few, orders
from paidan.network.models import Shop
from paidan.orders.arrivals import OutOfTheOrdinary
from paidan.orders.models import AnnouncedKind, Announcement, Event, Order
from paidan.orders.states import EventKind

ALLOCATE = "?allocate=true"


def order(number="1", **more):
    place = {"province": "广东省", "city": "广州市", "district": "天河区", "address": "1"}
    return {"shop": "jd", "number": number, "lines": [{"sku": "A", "qty": 1}], **place, **more}


@pytest.fixture
def ways(monkeypatch):
    """Which way pushes went: "few" or "general", in turn."""
    went = []
    store_and_decide, push_orders = few.store_and_decide, orders.push_orders

    def at_once(*args, **named):
        told = store_and_decide(*args, **named)
        went.append("few")
        return told

    def generally(*args, **named):
        went.append("general")
        return push_orders(*args, **named)

    monkeypatch.setattr(few, "store_and_decide", at_once)
    monkeypatch.setattr(orders, "push_orders", generally)
    return went


def push(program, *several, query=ALLOCATE):
    answer = program.post("/orders", {"orders": list(several)}, query=query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_new_orders_are_created_and_decided_at_once(seller, ways):
    told = push(seller.program(), order(), order("2", lines=[{"sku": "A", "qty": 500}]))
    assert (told["created"], told["changed"], told["unchanged"], told["rejected"]) == (2, 0, 0, 0)
    first, second = told["orders"]
    row = Order.objects.get(number="1")
    assert first.items() >= {
        "shop": "jd", "number": "1", "id": row.id, "result": "created", "state": "allocated", "errors": []
    }.items()  # fmt: skip
    assert (first["decision"]["warehouses"], first["decision"]["teams"]) == (["gz"], ["t1"])
    assert "Guangzhou" in first["decision"]["explanation"][0]
    assert (second["state"], second["decision"]["reason"], second["decision"]["warehouses"]) == (
        "unallocated",
        "stock_short",
        [],
    )
    assert ways == ["few"]


def test_it_says_the_same_as_the_general_way(seller, monkeypatch):
    def answer():
        with transaction.atomic():
            told = push(
                seller.program(),
                order(),
                order("2", lines=[{"sku": "A", "qty": 500}]),
                order("3", lines=[{"sku": "?", "qty": 1}, {"sku": "A", "qty": 2}]),
                order("4", shop="tmall", tags=['"vip"'], province="", city="", district="", address=""),
            )
            announced = list(Announcement.objects.order_by("id").values("kind", "reasons", "details"))
            events = sorted(Event.objects.values_list("order__number", "kind", "state", "by__username"), key=repr)
            transaction.set_rollback(True)
        for one in told["orders"]:
            del one["id"]
        return told, announced, events

    for kind in (EventKind.ASSIGNED, EventKind.TRIED):
        AnnouncedKind.objects.create(kind=kind)
    at_once = answer()
    monkeypatch.setattr(orders, "push_few", lambda *_args: None)
    assert answer() == at_once
    assert {row["kind"] for row in at_once[1]} == {EventKind.ASSIGNED, EventKind.TRIED}


def test_word_is_left_for_those_outside_of_the_orders_it_concerns(seller, ways):
    AnnouncedKind.objects.create(kind=EventKind.ASSIGNED)
    [told] = push(seller.program(), order())["orders"]
    announced = Announcement.objects.get()
    assert (announced.kind, announced.order_ids) == (EventKind.ASSIGNED, [told["id"]])
    assert announced.allocation_ids == [Allocation.objects.get().id]
    assert ways == ["few"]


def test_a_wrong_order_answers_with_its_faults_and_the_others_are_decided(seller, ways):
    told = push(seller.program(), order(), order("2", shop="nowhere"), order("3", lat=23.1), order("4", currency="??"))
    assert (told["created"], told["rejected"]) == (1, 3)
    right, *wrong = told["orders"]
    assert (right["state"], right["decision"]["warehouses"]) == ("allocated", ["gz"])
    assert [one["errors"][0]["code"] for one in wrong] == ["unknown_shop", "half_a_place", "not_a_currency"]
    assert [one["errors"][0]["pointer"] for one in wrong] == ["/orders/1/shop", "/orders/2/lng", "/orders/3/currency"]
    assert all(one["decision"] is None and one["id"] is None for one in wrong)
    assert Order.objects.count() == 1
    assert ways == ["general"]


def test_the_same_again_is_unchanged_and_says_where_it_went(seller, ways):
    program = seller.program()
    [first] = push(program, order())["orders"]
    told = push(program, order(), order("2"))
    assert (told["created"], told["unchanged"]) == (1, 1)
    again, new = told["orders"]
    assert (again["result"], again["id"], again["decision"]) == ("unchanged", first["id"], first["decision"])
    assert (new["result"], new["state"]) == ("created", "allocated")
    assert Allocation.objects.count() == Order.objects.count() == 2
    assert ways == ["few", "general"]


def test_something_else_changes_the_order(seller, ways):
    program = seller.program()
    push(program, order())
    told = push(program, order(lines=[{"sku": "A", "qty": 3}]))
    assert (told["changed"], told["orders"][0]["state"]) == (1, "allocated")
    assert Order.objects.get().lines.get().qty == 3
    assert ways == ["few", "general"]


def test_a_bundle_goes_the_general_way_and_is_decided_too(seller, ways):
    make_bundle("SET", {"A": 2})
    [told] = push(seller.program(), order(lines=[{"sku": "SET", "qty": 1}]))["orders"]
    assert (told["result"], told["state"], told["decision"]["warehouses"]) == ("created", "allocated", ["gz"])
    assert ways == ["general"]


def test_more_than_a_few_go_the_general_way(seller, ways):
    program = seller.program()
    push(program, *(order(str(n)) for n in range(few.MOST_OF_A_REQUEST)))
    told = push(program, *(order(str(100 + n)) for n in range(few.MOST_OF_A_REQUEST + 1)))
    assert {one["state"] for one in told["orders"]} == {"allocated"}
    assert ways == ["few", "general"]


def test_orders_that_are_not_to_be_decided_wait_for_a_wave(seller, ways):
    [told] = push(seller.program(), order(), query="")["orders"]
    assert (told["state"], told["decision"]) == ("pending", None)
    assert ways == ["general"]


@pytest.mark.parametrize("failure", [OutOfTheOrdinary(), OperationalError("deadlock detected")])
def test_where_the_short_way_cannot_the_general_one_answers(seller, monkeypatch, failure):
    def cannot(*_args, **_named):
        raise failure

    monkeypatch.setattr(few, "store_and_decide", cannot)
    [told] = push(seller.program(), order())["orders"]
    assert (told["result"], told["state"], told["decision"]["warehouses"]) == ("created", "allocated", ["gz"])


def test_a_token_that_does_not_reach_the_shop_stores_nothing(seller):
    limited = seller.program(shops=[Shop.objects.get(code="tmall")])
    answer = limited.post("/orders", {"orders": [order()]}, query=ALLOCATE)
    assert (answer.status_code, answer.json()["code"]) == (403, "out_of_reach")
    assert not Order.objects.exists()


def test_once_only_holds_for_it_too(seller, ways):
    program = seller.program()
    body = json.dumps({"orders": [order()]})
    answers = [
        program.client.post(
            f"/api/v1/orders{ALLOCATE}", body, content_type="application/json", headers={"Idempotency-Key": "k1"}
        )
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert ways == ["few"]


def test_it_is_said_in_the_language_of_the_caller(seller):
    program = seller.program()
    said = [
        program.client.post(
            f"/api/v1/orders{ALLOCATE}",
            {"orders": [order(number)]},
            content_type="application/json",
            headers={"Accept-Language": language},
        ).json()["orders"][0]["decision"]["explanation"][0]
        for number, language in (("1", "en"), ("2", "zh-hans"))
    ]
    assert said[0].startswith("Goes to Guangzhou")
    assert "Guangzhou" in said[1]
    assert not said[1].startswith("Goes to")


@pytest.mark.parametrize("query", ["?allocate=now", "?allocate=1", ALLOCATE])
def test_now_is_said_in_several_ways(seller, ways, query):
    told = push(seller.program(), order(), query=query)
    assert told["orders"][0]["decision"]["warehouses"]
    assert ways == ["few"]
    assert seller.program().post("/orders", {"orders": [order("2")]}, query="?allocate=soon").status_code == 422
