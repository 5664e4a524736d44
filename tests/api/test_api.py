"""The API: orders in, decisions out; who may; what is wrong is said at its place."""

import json
from pathlib import Path

import pytest
from django.test import Client
from tests.builders import make_order
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.api.description import described
from paidan.orders.models import Order

ROOT = Path(__file__).resolve().parents[2]


def order(number="1", **more):
    place = {"province": "广东省", "city": "广州市", "district": "天河区", "address": "1"}
    return {"shop": "jd", "number": number, "lines": [{"sku": "A", "qty": 1}], **place, **more}


def test_orders_are_pushed_decided_and_explained_in_one_call(seller):
    program = seller.program()
    answer = program.post(
        "/orders", {"orders": [order(), order("2", lines=[{"sku": "?", "qty": 1}])]}, query="?allocate=true"
    )
    assert answer.status_code == 200, answer.content
    first, second = answer.json()["orders"]
    assert (first["result"], first["state"], first["decision"]["warehouses"]) == ("created", "allocated", ["gz"])
    assert first["decision"]["teams"] == ["t1"]
    assert "Guangzhou" in " ".join(first["decision"]["explanation"])
    assert (second["state"], second["decision"]["reason"]) == ("unallocated", "unknown_sku")
    again = program.post("/orders", {"orders": [order()]}).json()
    assert (again["unchanged"], again["created"]) == (1, 0)
    explained = program.get(f"/orders/{first['id']}/explanation").json()
    assert {row["warehouse"] for row in explained["candidates"]} == {"gz", "bj"}


def test_what_differs_changes_the_order_and_what_was_assigned(seller):
    program = seller.program()
    program.post("/orders", {"orders": [order()]}, query="?allocate=true")
    changed = program.post(
        "/orders", {"orders": [order(lines=[{"sku": "A", "qty": 3}])]}, query="?allocate=true"
    ).json()
    assert changed["changed"] == 1
    row = program.get(f"/orders/{changed['orders'][0]['id']}").json()
    assert (row["state"], row["lines"][0]["qty"], len(row["allocations"])) == ("allocated", 3, 1)


def test_a_wrong_order_is_rejected_with_its_faults_and_the_others_come_in(seller):
    program = seller.program()
    wrong = order("2", shop="nowhere")
    half = order("3", lat=23.1)
    answer = program.post("/orders", {"orders": [order(), wrong, half]}).json()
    assert (answer["created"], answer["rejected"]) == (1, 2)
    faults = [one["errors"][0] for one in answer["orders"][1:]]
    assert [(one["pointer"], one["code"]) for one in faults] == [
        ("/orders/1/shop", "unknown_shop"),
        ("/orders/2/lat", "half_a_place"),
    ] or faults
    assert faults[0]["pointer"] == "/orders/1/shop"
    assert all(one["remedy"] for one in faults)
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"orders": []}, "/orders"),
        ({"orders": [{"shop": "jd", "number": "1", "lines": []}]}, "/orders/0/lines"),
        ({"orders": [{"shop": "jd", "number": "1", "lines": [{"sku": "A", "qty": 0}]}]}, "/orders/0/lines/0/qty"),
        ({"orders": [{**order(), "colour": "red"}]}, "/orders/0/colour"),
        ({"orders": [{**order(), "paid_at": "2026-11-11T08:00:00"}]}, "/orders/0/paid_at"),
        ({"orders": [order(), order()]}, "/orders/1/number"),
        ({"other": 1}, "/orders"),
    ],
)
def test_a_request_that_is_not_as_described_names_its_field(seller, body, pointer):
    answer = seller.program().post("/orders", body)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert pointer in [problem["pointer"], *(one["pointer"] for one in problem["errors"])]
    assert not Order.objects.exists()


def test_nonsense_is_a_polite_error(seller):
    program = seller.program()
    for body in ("{", "[]", "null", '"x"'):
        answer = program.client.post("/api/v1/orders", body, content_type="application/json")
        assert answer.status_code in (400, 422), (body, answer.status_code)
        assert answer["Content-Type"] == "application/problem+json"
    assert program.get("/orders", after="x").json()["pointer"] == "after"
    assert program.get("/orders", state="x").json()["pointer"] == "state"
    assert program.get("/orders", limit=0).status_code == 422
    assert program.get("/orders/999").status_code == 404
    assert Client().get("/api/v1/orders").status_code == 401
    assert Client(headers={"Authorization": "Bearer pd_x_y"}).get("/api/v1/orders").json()["code"] == "not_signed_in"


def test_pages_by_key_show_every_order_once(seller):
    rows = [make_order({"A": 1}, shop=seller.jd).id for _ in range(7)]
    program, seen, after = seller.program(), [], ""
    while after is not None:
        page = program.get("/orders", limit=3, after=after).json()
        seen += [row["id"] for row in page["items"]]
        after = page["next"]
    assert seen == rows


def test_changes_are_followed_for_orders_and_allocations(seller):
    program = seller.program()
    assert program.get("/orders", updated_since="start").json()["items"] == []
    where = program.get("/orders", updated_since="now").json()["next"]
    program.post("/orders", {"orders": [order(), order("2")]}, query="?allocate=true")
    first = program.get("/orders", updated_since=where, limit=1).json()
    assert ([row["number"] for row in first["items"]], first["more"]) == (["1"], True)
    rest = program.get("/orders", updated_since=first["next"]).json()
    assert ({row["number"] for row in rest["items"]}, rest["more"]) == ({"1", "2"}, False)
    placed = program.get("/allocations", updated_since=where).json()
    assert [row["number"] for row in placed["items"]] == ["1", "2"]
    [key, _] = [row["id"] for row in placed["items"]]
    program.post("/allocations/accept", {"allocations": [key]})
    assert [row["state"] for row in program.get("/allocations", updated_since=placed["next"]).json()["items"]] == [
        "accepted"
    ]
    for bad in ({"updated_since": "yesterday"}, {"updated_since": "start", "after": "1"}):
        assert program.get("/orders", **bad).status_code == 422
    assert seller.program(shops=[seller.tmall]).get("/orders", updated_since="start").json()["items"] == []


def test_a_token_does_what_its_scopes_and_limits_allow_and_no_more(seller):
    reader = seller.program("orders:read")
    assert reader.get("/orders").status_code == 200
    assert reader.post("/orders", {"orders": [order()]}).status_code == 403
    assert reader.get("/stock").status_code == 403
    limited = seller.program(shops=[seller.tmall])
    make_order({"A": 1}, shop=seller.jd, number="mine-not")
    assert limited.get("/orders").json()["items"] == []
    refused = limited.post("/orders", {"orders": [order("9", shop="tmall"), order("8")]})
    assert (refused.status_code, refused.json()["pointer"]) == (403, "/orders/1/shop")
    assert not Order.objects.filter(number="9").exists()
    assert [row["code"] for row in limited.get("/shops").json()] == ["tmall"]
    here = seller.program(warehouses=[seller.bj])
    assert {row["warehouse"] for row in here.get("/stock").json()["items"]} == {"bj"}


def test_a_warehouse_reads_its_work_and_reports_it_back(seller):
    program = seller.program()
    program.post("/orders", {"orders": [order(str(at)) for at in range(3)]}, query="?allocate=true")
    rows = program.get("/allocations", state="assigned", warehouse="gz").json()["items"]
    ids = [row["id"] for row in rows]
    assert [row["lines"] for row in rows] == [[{"line": "1", "sku": "A", "qty": 1}]] * 3 or len(rows) == 3
    for step in ("accept", "pick", "pack"):
        done = program.post(f"/allocations/{step}", {"allocations": [*ids, 999]}).json()
        assert done["done"] == ids
        assert [(one["id"], one["code"]) for one in done["refused"]] == [(999, "not_found")]
    sent = [{"allocation": key, "carrier": "sf", "tracking_number": f"SF{key}"} for key in ids]
    assert program.post("/allocations/ship", {"shipments": sent}).json()["done"] == ids
    shipped = program.get(f"/allocations/{ids[0]}").json()
    assert (shipped["state"], shipped["tracking_number"], shipped["carrier"]) == ("shipped", f"SF{ids[0]}", "sf")
    assert program.post("/allocations/accept", {"allocations": ids[:1]}).json()["refused"][0]["detail"]


def test_allocations_are_moved_and_orders_held_released_and_cancelled(seller):
    program = seller.program()
    program.post("/orders", {"orders": [order()]}, query="?allocate=true")
    [row] = program.get("/allocations").json()["items"]
    assert (
        program.post("/allocations/reassign", {"allocations": [row["id"]], "warehouse": "x"}).json()["pointer"]
        == "/warehouse"
    )
    assert program.post("/allocations/reassign", {"allocations": [row["id"]], "warehouse": "bj"}).json()["done"] == [
        row["id"]
    ]
    assert program.get("/allocations", state="assigned").json()["items"][0]["warehouse"] == "bj"
    key = row["order"]
    assert program.post("/orders/hold", {"orders": [key], "reason": "wait"}).json()["done"] == [key]
    assert program.get(f"/orders/{key}").json()["held"]
    assert program.post("/orders/release", {"orders": [key]}).json()["done"] == [key]
    assert program.post("/orders/cancel", {"orders": [key]}).json()["done"] == [key]
    assert program.post("/orders/allocate", {"orders": [key]}).json()["refused"][0]["code"] == "nothing_open"


def test_stock_is_read_counted_and_adjusted(seller):
    program = seller.program()
    counted = {"stock": [{"sku": "A", "warehouse": "gz", "on_hand": 7, "safety": 2}], "reason": "count"}
    assert program.post("/stock", counted, method="put").json()["changed"] == 1
    row = program.get("/stock", sku="A", warehouse="gz").json()["items"][0]
    assert (row["on_hand"], row["available"]) == (7, 5)
    assert program.post("/stock/adjust", {"sku": "A", "warehouse": "gz", "delta": -3}).status_code == 200
    refused = program.post("/stock/adjust", {"sku": "A", "warehouse": "gz", "delta": -99})
    assert (refused.status_code, refused.json()["code"]) == (409, "less_than_nothing")
    unknown = program.post("/stock", {"stock": [{"sku": "Z", "warehouse": "gz", "on_hand": 1}]}, method="put")
    assert unknown.json()["pointer"] == "/stock/0/sku"
    first = program.get("/stock", limit=1).json()
    assert program.get("/stock", limit=1, after=first["next"]).json()["items"][0]["warehouse"] == "bj"


def test_the_network_and_the_rules_are_read(seller):
    program = seller.program()
    assert [row["code"] for row in program.get("/warehouses").json()] == ["gz", "bj"]
    assert [row["code"] for row in program.get("/teams").json()] == ["t1", "t2"]
    assert program.get("/skus", code="A").json()["items"][0]["code"] == "A"
    assert program.get("/rules").json()["rules"][0]["id"] == "catch-all"


def test_the_description_is_committed_and_readable(db):  # noqa: ARG001
    kept = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert kept == described(), "run scripts/api_description.py"
    assert Client().get("/api/openapi.json").json()["openapi"] == "3.1.0"
    page = sign_in_as(Role.VIEWER).client.get("/api/").content.decode()
    assert "/api/v1/orders" in page
    assert "lines[].sku" in page
