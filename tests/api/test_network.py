"""The network through the API: added and changed as in the settings, errors at their field, waves and exceptions."""

import pytest
from tests.builders import make_order, make_promotion

from paidan.accounts.models import ChangeLogEntry
from paidan.network.models import Shop, Team, Warehouse
from paidan.orders.models import OrderException
from paidan.orders.states import OrderState


def test_a_shop_a_warehouse_and_a_team_are_added_and_read(seller):
    program = seller.program()
    shop = program.post("/shops", {"code": "pdd", "name": "PDD", "platform": "pdd", "teams": ["t1"]})
    assert (shop.status_code, shop.json()["teams"], shop.json()["ship_within_h"]) == (201, ["t1"], 48)
    place = program.post(
        "/warehouses",
        {"code": "sh", "region": "上海市", "lat": 31.2, "lng": 121.5, "covers": ["310000"], "cutoff": "16:30"},
    )
    assert place.status_code == 201, place.content
    assert (place.json()["region"], place.json()["covers"], place.json()["position"]) == ("310000", ["310000"], 3)
    team = program.post("/teams", {"code": "t3", "warehouse": "sh", "skills": ["VIP"], "capacity": 100})
    assert (team.status_code, team.json()["warehouse"]) == (201, "sh")
    assert program.get("/warehouses/sh").json() == place.json()
    assert program.get("/teams/t3").json() == team.json()
    assert program.get("/shops/pdd").json() == shop.json()
    assert program.post("/shops", {"code": "pdd"}).json()["pointer"] == "/code"
    assert list(ChangeLogEntry.objects.order_by("id").values_list("action", flat=True))[-3:] == [
        "shop.created",
        "warehouse.created",
        "team.created",
    ]


def test_only_what_is_said_is_changed_and_only_upon_what_was_seen(seller):
    program = seller.program()
    tag = program.get("/warehouses/gz")["ETag"]
    changed = program.post("/warehouses/gz", {"capacity": 5}, method="patch")
    assert (changed.status_code, changed.json()["capacity"], changed.json()["name"]) == (200, 5, "Guangzhou")
    headers = {"If-Match": tag}
    send = program.client.patch
    stale = send("/api/v1/warehouses/gz", {"ratio": 9}, content_type="application/json", headers=headers)
    assert stale.status_code == 412
    headers = {"If-Match": changed["ETag"]}
    fresh = send("/api/v1/warehouses/gz", {"ratio": 9}, content_type="application/json", headers=headers)
    assert fresh.json()["ratio"] == 9
    assert program.post("/teams/t1", {"capacity": None, "skills": ["a", "a"]}, method="patch").json()["skills"] == ["a"]
    assert program.post("/shops/jd", {"teams": ["t2"]}, method="patch").json()["teams"] == ["t2"]


def test_a_paused_warehouse_gets_nothing_and_takes_what_waits_when_it_opens(seller):
    program = seller.program()
    for code in ("gz", "bj"):
        assert program.post(f"/warehouses/{code}", {"open": False}, method="patch").json()["open"] is False
    row = make_order({"A": 1}, shop=seller.jd)
    assert program.post("/waves", {}).json()["wave"]["state"] == "done"
    row.refresh_from_db()
    assert row.state == OrderState.UNALLOCATED
    program.post("/warehouses/bj", {"open": True}, method="patch")
    wave = program.post("/waves", {"limit": 10}).json()["wave"]
    row.refresh_from_db()
    assert row.state == OrderState.ALLOCATED
    assert program.get(f"/waves/{wave['id']}").json() == wave | {"joint": None}
    assert [one["id"] for one in program.get("/waves").json()["items"]][-1] == wave["id"]
    assert program.post("/waves", {}).json()["wave"] is None


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/warehouses/gz", {"region": "nowhere"}, "/region"),
        ("/warehouses/gz", {"lat": None}, "/lat"),
        ("/warehouses/gz", {"timezone": "Asia/Atlantis"}, "/timezone"),
        ("/warehouses/gz", {"covers": ["440000", "x"]}, "/covers/1"),
        ("/warehouses/gz", {"covers": []}, "/covers"),
        ("/warehouses/gz", {"cutoff": "25:00"}, "/cutoff"),
        ("/warehouses/gz", {"colour": "red"}, "/colour"),
        ("/warehouses/gz", {"ratio": -1}, "/ratio"),
        ("/teams/t1", {"warehouse": "x"}, "/warehouse"),
        ("/teams/t1", {"warehouse": None}, "/warehouse"),
        ("/shops/jd", {"teams": ["t1", "x"]}, "/teams/1"),
        ("/shops/jd", {"ship_within_h": 0}, "/ship_within_h"),
        ("/skus/A", {"weight_g": -1}, "/weight_g"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_changes(seller, path, body, pointer):
    program = seller.program()
    before = program.get(path).json()
    answer = program.post(path, body, method="patch")
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer), answer.content
    assert program.get(path).json() == before


def test_skus_are_added_and_changed_and_orders_that_waited_for_the_code_go_on(seller):
    program = seller.program()
    row = make_order({"new": 1}, shop=seller.jd, unmapped=["new"])
    added = program.post("/skus", {"code": "new", "name": "New", "tags": ["fragile"]})
    assert (added.status_code, added.json()["tags"]) == (201, ["fragile"])
    assert row.lines.get().sku.code == "new"
    assert program.post("/skus", {"code": "new"}).json()["code"] == "code_taken"
    changed = program.post("/skus/new", {"weight_g": 300}, method="patch").json()
    assert (changed["weight_g"], changed["name"]) == (300, "New")


def test_freight_tables_are_replaced_as_a_whole(seller):
    program = seller.program()
    rates = [{"first_minor": 900}, {"region": "广东省", "first_minor": 600, "next_minor": 100}]
    put = program.post("/freight", {"warehouse": "gz", "carrier": "yto", "rates": rates}, method="put")
    assert put.status_code == 200, put.content
    assert [(one["region"], one["first_minor"]) for one in put.json()["rates"]] == [("", 900), ("440000", 600)]
    assert program.get("/freight", warehouse="gz", carrier="yto")["ETag"] == put["ETag"]
    assert {(one["warehouse"], one["carrier"]) for one in program.get("/freight").json()} == {
        ("gz", "sf"),
        ("gz", "yto"),
        ("bj", "sf"),
    }
    twice = {"warehouse": "gz", "carrier": "yto", "rates": [rates[1], {**rates[1], "region": "440000"}]}
    assert program.post("/freight", twice, method="put").json()["pointer"] == "/rates/1/region"


def test_ratios_are_set_together_and_planned(seller):
    program = seller.program()
    assert program.post("/ratios", {"ratios": {"gz": 60, "bj": 40}}, method="put").json()["ratios"]["gz"] == 60
    for wrong in ({"gz": 60, "bj": 60}, {"gz": 100}, {"gz": 50, "x": 50}):
        assert program.post("/ratios", {"ratios": wrong}, method="put").status_code == 422
    make_promotion("1111")
    cells = [
        {"code": "gz", "when": "promotion:1111", "value": 500},
        {"code": "gz", "when": "weekday:6", "value": "unlimited"},
    ]
    planned = program.post("/plans/warehouse/capacity", {"cells": cells}, method="patch")
    assert planned.status_code == 200, planned.content
    assert {(one["when"], one["value"]) for one in planned.json()["cells"]} == {
        ("normal", "unlimited"),
        ("weekday:6", "unlimited"),
        ("promotion:1111", 500),
    }
    for cell, pointer in (
        ({"code": "x", "when": "normal", "value": 1}, "/cells/0/code"),
        ({"code": "gz", "when": "promotion:x", "value": 1}, "/cells/0/when"),
        ({"code": "gz", "when": "normal", "value": None}, "/cells/0/value"),
    ):
        answer = program.post("/plans/warehouse/ratio", {"cells": [cell]}, method="patch")
        assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)
    assert program.get("/plans/team/ratio").json()["cells"] == []


def test_exceptions_are_reported_read_and_settled(seller):
    program = seller.program()
    row = make_order({"A": 1}, shop=seller.jd)
    program.post("/waves", {})
    [part] = program.get("/allocations", order=row.id).json()["items"]
    made = program.post("/exceptions", {"kind": "damaged", "allocation": part["id"], "note": "wet"})
    assert (made.status_code, made.json()["order"]) == (201, row.id)
    assert program.get("/exceptions", kind="damaged").json()["items"] == [made.json()]
    key = made.json()["id"]
    settled = program.post("/exceptions/resolve", {"exceptions": [key, 10**6], "resolution": "sent anew"}).json()
    assert (settled["done"], settled["refused"][0]["code"]) == ([key], "not_found")
    assert program.get("/exceptions").json()["items"] == []
    assert program.get("/exceptions", open="false").json()["items"][0]["resolution"] == "sent anew"
    assert program.post("/exceptions", {"kind": "other"}).json()["pointer"] == "/order"
    assert program.post("/exceptions", {"kind": "other", "order": 10**6}).json()["pointer"] == "/order"
    assert OrderException.objects.count() == 1


def test_who_may_only_read_or_reaches_a_part_changes_nothing_else(seller):
    reader = seller.program("network:read")
    assert reader.post("/shops", {"code": "x"}).status_code == 403
    assert reader.post("/warehouses/gz", {"open": False}, method="patch").status_code == 403
    assert reader.post("/ratios", {"ratios": {"gz": 100}}, method="put").status_code == 403
    limited = seller.program(warehouses=[seller.bj])
    assert limited.get("/warehouses/gz").status_code == 404
    assert limited.post("/warehouses/gz", {"open": False}, method="patch").status_code == 404
    assert limited.post("/warehouses/bj", {"open": False}, method="patch").status_code == 200
    assert limited.post("/warehouses", {"code": "x"}).status_code == 403
    assert limited.post("/waves", {}).status_code == 403
    freight = {"warehouse": "gz", "carrier": "sf", "rates": []}
    assert limited.post("/freight", freight, method="put").json()["pointer"] == "/warehouse"
    assert (Shop.objects.count(), Warehouse.objects.count(), Team.objects.count()) == (2, 2, 2)
