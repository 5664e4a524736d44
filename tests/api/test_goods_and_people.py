"""Bundles, promotions, members of teams and shops' codes through the API."""

from datetime import timedelta

import pytest
from tests.builders import NOW, make_bundle, make_order, make_promotion, make_shop_sku, make_sku, make_user

from paidan.accounts.models import ChangeLogEntry
from paidan.network.models import ShopSku
from paidan.orders.models import OrderLine


def matched(program, path, body, tag, method="put"):
    send = getattr(program.client, method)
    return send(f"/api/v1{path}", body, content_type="application/json", headers={"If-Match": tag})


def test_a_bundle_is_made_read_changed_and_dissolved(seller):
    program = seller.program()
    for code in ("SET", "B"):
        make_sku(code)
    parts = {"parts": [{"sku": "A", "qty": 2}, {"sku": "B", "qty": 1}]}
    assert program.get("/bundles/SET").status_code == 404
    made = program.post("/bundles/SET", parts, method="put")
    assert (made.status_code, made.json()["parts"]) == (200, parts["parts"])
    assert program.get("/bundles").json()["items"] == [made.json()]
    assert program.get("/bundles/SET")["ETag"] == made["ETag"]
    less = matched(program, "/bundles/SET", {"parts": [{"sku": "B", "qty": 3}]}, made["ETag"])
    assert less.json()["parts"] == [{"sku": "B", "qty": 3}]
    assert matched(program, "/bundles/SET", parts, made["ETag"]).status_code == 412
    answer = program.post("/orders", {"orders": [{"shop": "jd", "number": "1", "lines": [{"sku": "SET", "qty": 2}]}]})
    assert answer.json()["created"] == 1
    assert list(OrderLine.objects.values_list("sku__code", "qty")) == [("B", 6)]
    assert program.client.delete("/api/v1/bundles/SET").json()["parts"] == []
    assert program.client.delete("/api/v1/bundles/SET").status_code == 404
    assert program.get("/bundles").json()["items"] == []
    assert ChangeLogEntry.objects.filter(action="bundle.changed", by=seller.owner).count() == 3


@pytest.mark.parametrize(
    ("parts", "status", "pointer"),
    [
        ([{"sku": "?", "qty": 1}], 422, "/parts/0/sku"),
        ([{"sku": "A", "qty": 1}, {"sku": "A", "qty": 1}], 422, "/parts/1/sku"),
        ([{"sku": "A", "qty": 0}], 422, "/parts/0/qty"),
        ([], 422, "/parts"),
        ([{"sku": "S", "qty": 1}], 409, "/parts"),
        ([{"sku": "T", "qty": 1}], 409, "/parts"),
    ],
)
def test_what_cannot_be_a_bundle_is_refused_at_its_place(seller, parts, status, pointer):
    make_sku("S")
    make_bundle("T", {"A": 1})
    answer = seller.program().post("/bundles/S", {"parts": parts}, method="put")
    assert (answer.status_code, answer.json()["pointer"]) == (status, pointer)


def test_a_promotion_is_added_changed_and_read(seller):
    program = seller.program()
    body = {
        "code": "618",
        "name": "618",
        "starts_at": "2026-06-01T00:00:00+08:00",
        "ends_at": "2026-06-19T00:00:00+08:00",
    }
    made = program.post("/promotions", body)
    assert (made.status_code, made.json()["code"]) == (201, "618")
    assert program.post("/promotions", body).json()["pointer"] == "/code"
    make_promotion("1111", NOW)
    assert [row["code"] for row in program.get("/promotions").json()] == ["1111", "618"]
    tag = program.get("/promotions/618")["ETag"]
    later = matched(program, "/promotions/618", {"ends_at": "2026-06-20T00:00:00+08:00"}, tag, "patch")
    assert later.json()["ends_at"].startswith("2026-06-19T16:00")
    assert later.json()["name"] == "618"
    assert matched(program, "/promotions/618", {"name": "x"}, tag, "patch").status_code == 412
    for wrong, pointer in (
        ({"ends_at": "2026-05-01T00:00:00Z"}, "/ends_at"),
        ({"starts_at": "2026-07-01T00:00:00Z"}, "/starts_at"),
        ({"starts_at": "0001-01-01T00:00:00Z"}, "/starts_at"),
        ({"starts_at": "2026-06-01T00:00:00"}, "/starts_at"),
    ):
        answer = program.post("/promotions/618", wrong, method="patch")
        assert (answer.status_code, answer.json()["pointer"]) == (422, pointer), wrong
    assert ChangeLogEntry.objects.filter(action="promotion.created", by=seller.owner).exists()


def test_the_members_of_a_team_are_said(seller):
    program = seller.program()
    make_user("ann", first_name="Ann")
    make_user("bob")
    gone = make_user("gone", is_active=False)
    seller.teams[0].members.add(gone)
    before = program.get("/teams/t1/members")
    said = matched(program, "/teams/t1/members", {"members": ["bob", "ann"]}, before["ETag"])
    assert [one["username"] for one in said.json()["members"]] == ["ann", "bob", "gone"]
    assert matched(program, "/teams/t1/members", {"members": []}, before["ETag"]).status_code == 412
    wrong = program.post("/teams/t1/members", {"members": ["ann", "gone"]}, method="put")
    assert (wrong.status_code, wrong.json()["pointer"]) == (422, "/members/1")
    assert [one["username"] for one in program.get("/teams/t1/members").json()["members"]] == ["ann", "bob", "gone"]
    assert program.get("/teams/t1").json()["code"] == "t1"
    entry = ChangeLogEntry.objects.latest("id")
    assert (entry.action, entry.after) == ("team.changed", {"members": ["ann", "bob", "gone"]})


def test_a_shops_codes_are_listed_and_what_waits_is_mapped(seller):
    program = seller.program()
    make_shop_sku(seller.tmall, "t-A", "A")
    row = make_order({"j-A": 2}, shop=seller.jd, unmapped=["j-A"])
    waits = program.get("/shop-codes/waiting").json()
    assert [(one["shop"], one["code"], one["orders"], one["pieces"]) for one in waits] == [("jd", "j-A", 1, 2)]
    done = program.post("/shop-codes", {"shop": "jd", "code": "j-A", "sku": "A"}, method="put")
    assert (done.status_code, done.json()) == (200, {"lines": 1, "orders": 1})
    assert row.lines.get().sku.code == "A"
    assert [(one["shop"], one["code"]) for one in program.get("/shop-codes").json()["items"]] == [
        ("tmall", "t-A"),
        ("jd", "j-A"),
    ]
    assert [one["code"] for one in program.get("/shop-codes", shop="jd").json()["items"]] == ["j-A"]
    for body, pointer in (
        ({"shop": "x", "code": "c", "sku": "A"}, "/shop"),
        ({"shop": "jd", "code": "c", "sku": "x"}, "/sku"),
        ({"shop": "jd", "code": "  ", "sku": "A"}, "/code"),
    ):
        assert program.post("/shop-codes", body, method="put").json()["pointer"] == pointer


def test_who_may_only_read_or_reaches_a_part_changes_nothing(seller):
    make_bundle("SET", {"A": 1})
    make_promotion("1111", NOW + timedelta(days=1))
    reader = seller.program("network:read")
    for path, body, method in (
        ("/bundles/SET", {"parts": [{"sku": "A", "qty": 2}]}, "put"),
        ("/promotions/1111", {"name": "x"}, "patch"),
        ("/teams/t1/members", {"members": []}, "put"),
        ("/shop-codes", {"shop": "jd", "code": "x", "sku": "A"}, "put"),
    ):
        assert reader.post(path, body, method=method).status_code == 403, path
    assert reader.client.delete("/api/v1/bundles/SET").status_code == 403
    for path in ("/bundles", "/promotions", "/teams/t1/members", "/shop-codes"):
        assert reader.get(path).status_code == 200
        assert seller.program("stock:read").get(path).status_code == 403, path
    limited = seller.program(shops=[seller.tmall])
    refused = limited.post("/shop-codes", {"shop": "jd", "code": "x", "sku": "A"}, method="put")
    assert refused.json()["pointer"] == "/shop"
    body = {"code": "n", "starts_at": "2026-06-01T00:00:00Z", "ends_at": "2026-06-02T00:00:00Z"}
    assert limited.post("/promotions", body).status_code == 403
    here = seller.program(warehouses=[seller.bj])
    assert here.get("/teams/t1/members").status_code == 404
    assert here.post("/teams/t1/members", {"members": []}, method="put").status_code == 404
    assert ShopSku.objects.count() == 0
