"""What a person can do with orders on the desk, a program can too: by hand, once, together, apart, whose address."""

import pytest
from tests.builders import make_freight, make_order, make_stock, make_user

from paidan.accounts import token_scopes
from paidan.accounts.capabilities import Capability, Role
from paidan.accounts.models import ChangeLogEntry
from paidan.accounts.token_scopes import TokenScope
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.orders.models import Event, Order, OrderException
from paidan.orders.states import EventKind, OrderState

PERSON = {"buyer": "b1", "name": "王小明", "phone": "13800000000", "province": "广东省", "address": "天河路 1 号"}


def where(order):
    return list(
        Allocation.objects.filter(order=order, state=AllocationState.ASSIGNED).values_list("warehouse__code", flat=True)
    )


def allocated(seller, program, **more):
    row = make_order({"A": 1}, shop=seller.jd, region="440106", **more)
    assert program.post("/orders/allocate", {"orders": [row.id]}).json()["done"] == [row.id]
    return row, Allocation.objects.get(order=row, state=AllocationState.ASSIGNED).pk


def test_orders_are_assigned_by_hand_and_moved(seller):
    program = seller.program()
    fresh = make_order({"A": 1}, shop=seller.jd, region="440106")
    placed, _part = allocated(seller, program)
    large = make_order({"A": 999}, shop=seller.jd)
    body = {"orders": [fresh.id, placed.id, large.id, 10**6], "warehouse": "bj", "reason": "promised"}
    found = program.post("/orders/assign", body).json()
    assert sorted(found["done"]) == [fresh.id, placed.id]
    assert {one["id"]: one["code"] for one in found["refused"]} == {large.id: "stock_short", 10**6: "not_found"}
    assert where(fresh) == where(placed) == ["bj"]
    moved = Event.objects.filter(order=placed, kind=EventKind.REASSIGNED).latest("id")
    assert moved.detail["reason"] == "promised"
    part = program.post("/orders/assign", {"orders": [large.id], "warehouse": "gz", "partial": True}).json()
    assert part["done"] == [large.id]
    large.refresh_from_db()
    assert large.state == OrderState.PARTIAL
    both = {"orders": [large.id, fresh.id], "warehouse": "gz", "partial": True}
    assert program.post("/orders/assign", both).json()["pointer"] == "/orders"
    assert program.post("/orders/assign", {"orders": [1], "warehouse": "x"}).json()["pointer"] == "/warehouse"


def test_only_who_may_forces_what_a_team_has_accepted(seller, monkeypatch):
    program = seller.program()
    row, part = allocated(seller, program)
    program.post("/allocations/accept", {"allocations": [part]})
    body = {"orders": [row.id], "warehouse": "bj"}
    assert program.post("/orders/assign", body).json()["refused"][0]["code"] == "accepted"
    moving = ("/allocations/reassign", {"allocations": [part], "warehouse": "bj"})
    taking = ("/allocations/take-back", {"allocations": [part]})
    for path, said in (moving, taking):
        assert program.post(path, said).json()["refused"][0]["code"] == "accepted", path
    with monkeypatch.context() as without:
        scope = TokenScope.ORDERS_WRITE
        without.setitem(token_scopes._BRINGS, scope, token_scopes._BRINGS[scope] - {Capability.FORCE_REASSIGN})
        for path, said in (("/orders/assign", body), moving, taking):
            refused = program.post(path, {**said, "force": True})
            assert (refused.status_code, refused.json()["pointer"]) == (403, "/force"), path
    assert program.post("/orders/assign", {**body, "force": True}).json()["done"] == [row.id]
    assert where(row) == ["bj"]


def test_an_allocation_is_taken_back_and_its_order_waits_again(seller):
    program = seller.program()
    row, part = allocated(seller, program)
    assert program.post("/allocations/take-back", {"allocations": [part], "reason": "wrong"}).json()["done"] == [part]
    row.refresh_from_db()
    assert (row.state, where(row)) == (OrderState.PENDING, [])


def test_a_reason_is_kept_of_a_move_and_of_a_hand_back(seller):
    program = seller.program()
    row, part = allocated(seller, program)
    program.post("/allocations/reassign", {"allocations": [part], "warehouse": "bj", "reason": "full"})
    assert Event.objects.get(order=row, kind=EventKind.REASSIGNED).detail["reason"] == "full"
    part = Allocation.objects.get(order=row, state=AllocationState.ASSIGNED).pk
    program.post("/allocations/accept", {"allocations": [part]})
    program.post("/allocations/hand-back", {"allocations": [part], "reason": "no box"})
    assert Event.objects.filter(order=row, kind=EventKind.HANDED_BACK, detail__reason="no box").exists()


def test_one_condition_is_let_go_once(seller):
    program = seller.program()
    rule = {"id": "near", "then": {"warehouses": ["gz"], "max_km": 1, "strategies": ["nearest"]}}
    program.post("/rules/publish", {"rules": [rule]})
    row = make_order({"A": 1}, shop=seller.jd, region="110105")
    assert program.post("/orders/allocate", {"orders": [row.id]}).json()["refused"][0]["code"] == "too_far"
    assert program.post("/orders/allocate-once", {"orders": [row.id], "allow": "split"}).json()["done"] == []
    assert program.post("/orders/allocate-once", {"orders": [row.id], "allow": "distance"}).json()["done"] == [row.id]
    assert where(row) == ["gz"]


def test_an_order_is_split_between_the_warehouses_that_have_it(seller):
    program = seller.program()
    make_stock(seller.gz, "B", 5)
    make_stock(seller.bj, "C", 5)
    row = make_order({"B": 1, "C": 1}, shop=seller.jd, region="440106")
    assert program.post("/orders/allocate", {"orders": [row.id]}).json()["refused"][0]["code"] == "stock_short"
    made = program.post(f"/orders/{row.id}/split", {})
    assert (made.status_code, len(made.json()["allocations"])) == (200, 2)
    assert sorted(where(row)) == ["bj", "gz"]
    refused = program.post(f"/orders/{row.id}/split", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "stock_short")


def test_what_held_orders_keep_is_given_to_who_waits(seller):
    program = seller.program()
    make_stock(seller.gz, "B", 1)
    keeps = make_order({"B": 1}, shop=seller.jd, region="440106")
    program.post("/orders/allocate", {"orders": [keeps.id]})
    program.post("/orders/hold", {"orders": [keeps.id], "reason": "checks"})
    waits, other = (make_order({code: 1}, shop=seller.jd, region="440106") for code in ("B", "A"))
    assert program.post("/orders/allocate", {"orders": [waits.id]}).json()["done"] == []
    found = program.post("/orders/give-back", {"orders": [waits.id, other.id]}).json()
    assert (found["done"], found["refused"][0]["code"]) == ([waits.id], "nothing_kept")
    assert where(waits) == ["gz"]


def test_orders_are_tagged_and_their_carrier_changed(seller):
    program = seller.program()
    make_freight(seller.gz, "yto", first_minor=5000)
    row, part = allocated(seller, program)
    assert program.post("/orders/tag", {"orders": [row.id], "tag": "VIP"}).json()["done"] == [row.id]
    assert program.post("/orders/tag", {"orders": [row.id], "tag": "VIP"}).json()["refused"][0]["code"] == "tagged"
    assert program.get(f"/orders/{row.id}").json()["tags"] == ["VIP"]
    assert program.post("/orders/untag", {"orders": [row.id], "tag": "VIP"}).json()["done"] == [row.id]
    assert program.post("/orders/carrier", {"orders": [row.id], "carrier": "yto"}).json()["done"] == [row.id]
    assert Allocation.objects.get(order=row, state=AllocationState.ASSIGNED).carrier == "yto"
    assert program.post("/orders/carrier", {"orders": [row.id], "carrier": "x"}).json()["pointer"] == "/carrier"
    assert part


def test_orders_of_one_person_are_merged_and_taken_apart(seller):
    program = seller.program()
    rows = [make_order({"A": 1}, shop=seller.jd, region="440106", recipient=PERSON) for _ in range(2)]
    alone = make_order({"A": 1}, shop=seller.jd, region="440106")
    found = program.post("/orders/merge", {"orders": [*(row.id for row in rows), alone.id]}).json()
    assert (sorted(found["done"]), found["refused"][0]["code"]) == ([row.id for row in rows], "alone")
    merged = Order.objects.latest("id")
    assert program.post("/orders/unmerge", {"orders": [merged.id]}).json()["done"] == [merged.id]
    rows[0].refresh_from_db()
    assert rows[0].state == OrderState.PENDING


def test_an_address_is_mended_and_a_remark_written(seller):
    program = seller.program()
    row = make_order({"A": 1}, shop=seller.jd)
    seen = program.get(f"/orders/{row.id}")["ETag"]
    send = program.client.patch

    def change(body, tag=""):
        headers = {"If-Match": tag} if tag else {}
        return send(f"/api/v1/orders/{row.id}", body, content_type="application/json", headers=headers)

    mended = change({"province": "广东省", "city": "广州市", "district": "天河区"}, seen)
    assert (mended.status_code, mended.json()["region"]) == (200, "440106")
    assert change({"seller_remark": "gift"}, seen).status_code == 412
    assert change({"seller_remark": "gift"}, mended["ETag"]).status_code == 200
    row.refresh_from_db()
    assert row.seller_remark == "gift"
    unknown = change({"city": "Atlantis"})
    assert (unknown.status_code, unknown.json()["pointer"]) == (422, "/city")
    assert change({"amount_minor": 5}).json()["pointer"] == "/amount_minor"


def test_who_receives_an_order_is_read_with_a_reason_and_logged(seller):
    row = make_order({"A": 1}, shop=seller.jd, recipient=PERSON)
    program = seller.program()
    found = program.post(f"/orders/{row.id}/buyer", {"reason": "label"})
    assert (found.json()["name"], found.json()["phone"], found.json()["address"]) == (
        PERSON["name"],
        PERSON["phone"],
        PERSON["address"],
    )
    entry = ChangeLogEntry.objects.latest("id")
    assert (entry.action, entry.reason, entry.by) == ("buyer.revealed", "label", seller.owner)
    assert program.post(f"/orders/{row.id}/buyer", {"reason": ""}).json()["pointer"] == "/reason"
    assert seller.program("orders:read").post(f"/orders/{row.id}/buyer", {"reason": "x"}).status_code == 403
    assert seller.program("buyers:read").post(f"/orders/{row.id}/buyer", {"reason": "x"}).status_code == 403
    elsewhere = seller.program(shops=[seller.tmall])
    assert elsewhere.post(f"/orders/{row.id}/buyer", {"reason": "x"}).status_code == 404
    assert ChangeLogEntry.objects.filter(action="buyer.revealed").count() == 1


@pytest.fixture
def intercepted(seller):
    """Two orders that a team has begun, cancelled by their buyers."""
    program = seller.program()
    parts = [allocated(seller, program) for _ in range(2)]
    program.post("/allocations/accept", {"allocations": [part for _row, part in parts]})
    cancel_orders([row.id for row, _part in parts], now=parts[0][0].paid_at)
    return [row for row, _part in parts], [part for _row, part in parts]


def test_a_team_answers_what_was_intercepted(seller, intercepted):
    (stopped, goes_on), (first, second) = intercepted
    program = seller.program("fulfilment:write")
    listed = program.get("/exceptions", kind="intercept").json()["items"]
    assert [(one["allocation"], one["causes"]) for one in listed] == [(first, ["cancelled"]), (second, ["cancelled"])]
    done = program.post("/allocations/confirm-intercept", {"allocations": [first, 10**6]}).json()
    assert (done["done"], done["refused"][0]["code"]) == ([first], "not_found")
    assert program.post("/allocations/refuse-intercept", {"allocations": [second]}).json()["done"] == [second]
    again = program.post("/allocations/confirm-intercept", {"allocations": [second]}).json()
    assert again["refused"][0]["code"] == "no_intercept"
    stopped.refresh_from_db()
    goes_on.refresh_from_db()
    assert stopped.state == OrderState.CANCELLED
    assert program.get(f"/allocations/{second}").json()["frozen"] is False
    assert not OrderException.objects.filter(resolved_at=None).exists()


def test_an_intercept_is_answered_only_by_who_may_and_reaches_it(seller, intercepted):
    _rows, (first, _second) = intercepted
    assert (
        seller.program("orders:read").post("/allocations/confirm-intercept", {"allocations": [first]}).status_code
        == 403
    )
    elsewhere = seller.program(warehouses=[seller.bj])
    found = elsewhere.post("/allocations/confirm-intercept", {"allocations": [first]}).json()
    assert (found["done"], found["refused"][0]["code"]) == ([], "not_found")
    clerk = seller.program("orders:write")
    assert clerk.post("/allocations/confirm-intercept", {"allocations": [first]}).json()["done"] == [first]


def test_orders_and_exceptions_are_entrusted_and_shortages_relieved(seller):
    program = seller.program()
    make_user("ann", role=Role.CLERK)
    row, part = allocated(seller, program)
    assert program.post("/orders/entrust", {"orders": [row.id], "to": "ann"}).json()["done"] == [row.id]
    assert program.post("/orders/entrust", {"orders": [row.id], "to": "ann"}).json()["refused"][0]["code"] == "already"
    assert program.post("/orders/entrust", {"orders": [row.id], "to": "nobody"}).json()["pointer"] == "/to"
    key = program.post("/exceptions", {"kind": "other", "order": row.id}).json()["id"]
    assert program.post("/exceptions/entrust", {"exceptions": [key], "to": "ann"}).json()["done"] == [key]
    assert program.get("/exceptions").json()["items"][0]["assignee"] == "ann"
    assert program.post("/exceptions/entrust", {"exceptions": [key], "to": None}).json()["done"] == [key]
    assert program.post("/exceptions/send-back", {"exceptions": [key]}).json()["refused"][0]["code"] == "nothing_open"
    assert part


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("assign", {"warehouse": "bj"}),
        ("allocate-once", {"allow": "split"}),
        ("give-back", {}),
        ("tag", {"tag": "x"}),
        ("untag", {"tag": "x"}),
        ("carrier", {"carrier": "sf"}),
        ("merge", {}),
        ("unmerge", {}),
        ("entrust", {"to": None}),
    ],
)
def test_scopes_and_limits_hold_for_every_act(seller, path, more):
    row = make_order({"A": 1}, shop=seller.jd, region="440106")
    body = {"orders": [row.id], **more}
    assert seller.program("orders:read", "fulfilment:write").post(f"/orders/{path}", body).status_code == 403
    found = seller.program(shops=[seller.tmall]).post(f"/orders/{path}", body).json()
    assert (found["done"], [one["code"] for one in found["refused"]]) == ([], ["not_found"])
    assert not Event.objects.filter(order=row).exclude(kind=EventKind.RECEIVED).exists()
