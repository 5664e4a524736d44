"""Orders steered and worked on from the command line, from import to parcel."""

import pytest
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    SHANGHAI,
    make_order,
    make_shop,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.allocation.doctor import all_violations
from paidan.orders.models import Event, Order
from paidan.orders.states import EventKind, OrderState
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    shop = make_shop("s1")
    guangzhou = make_warehouse("gz", name="广州仓", **GUANGZHOU)
    beijing = make_warehouse("bj", name="北京仓", **BEIJING)
    make_team("gz-1", guangzhou)
    make_team("bj-1", beijing)
    for warehouse in (guangzhou, beijing):
        make_stock(warehouse, "A", 10)
    publish_rules({"policy": {}}, now=NOW)
    make_order({"A": 2}, shop=shop, number="O-1", **SHANGHAI)


@pytest.fixture
def allocated(world, paidan):  # noqa: ARG001 - there must be a world to allocate in
    assert paidan("allocate").code == 0


def state_of(number: str) -> OrderState:
    return OrderState(Order.objects.get(number=number).state)


@pytest.mark.usefixtures("world")
def test_a_wave_says_what_went_where_and_how_fast(paidan):
    answer = paidan("allocate", "--json").json
    assert (answer["orders"], answer["allocated"], answer["unallocated"]) == (1, 1, 0)
    [place] = answer["places"]
    assert (place["warehouse"], place["team"], place["allocations"]) == ("bj", "bj-1", 1)


@pytest.mark.usefixtures("world")
def test_a_wave_counts_what_is_stuck_by_reason(paidan):
    make_order({"A": 50}, number="O-2", **SHANGHAI)
    answer = paidan("allocate", "--json").json
    assert (answer["allocated"], answer["unallocated"]) == (1, 1)
    assert answer["unallocated_by_reason"] == {"stock_short": 1}
    assert "stock short" in paidan("allocate", "--retry").out


@pytest.mark.usefixtures("world")
def test_one_order_can_be_allocated_alone(paidan):
    make_order({"A": 1}, number="O-2", **SHANGHAI)
    assert paidan("allocate", "--order", "O-2", "--json").json["orders"] == 1
    assert state_of("O-1") == OrderState.PENDING


@pytest.mark.usefixtures("allocated")
def test_with_nothing_waiting_a_wave_says_so(paidan):
    answer = paidan("allocate")
    assert answer.code == 0
    assert "No order waits" in answer.err


@pytest.mark.usefixtures("allocated")
def test_an_order_goes_from_accepted_to_shipped(paidan):
    for step in ("accept", "pick", "pack"):
        assert paidan(step, "O-1").code == 0
    shipped = paidan("ship", "O-1", "--carrier", "sf", "--tracking", "SF123")
    assert "1 allocation shipped." in shipped.err
    assert state_of("O-1") == OrderState.FULFILLED
    assert list(all_violations()) == []


@pytest.mark.usefixtures("allocated")
def test_a_step_out_of_turn_is_refused_with_a_sentence(paidan):
    answer = paidan("pack", "O-1")
    assert answer.code == 1
    assert "O-1" in answer.err
    assert "cannot do that" in answer.err
    assert paidan("pack", "O-1", "--json").json["refused"][0]["code"] == "wrong_state"


@pytest.mark.usefixtures("allocated")
def test_an_allocation_moves_and_what_a_team_has_accepted_moves_only_by_force(paidan):
    assert paidan("reassign", "O-1", "--to", "gz", "--reason", "full").code == 0
    assert Event.objects.get(kind=EventKind.REASSIGNED).detail["reason"] == "full"
    assert [row["warehouses"] for row in paidan("order", "list", "--json").json] == [["gz"]]
    assert "moved it there by hand" in paidan("explain", "O-1").out
    paidan("accept", "O-1")
    refused = paidan("reassign", "O-1", "--to", "bj")
    assert refused.code == 1
    assert "hand it back" in refused.err
    assert paidan("reassign", "O-1", "--to", "bj", "--force").code == 0


@pytest.mark.usefixtures("world")
def test_an_unallocated_order_is_assigned_by_hand(paidan):
    assert paidan("reassign", "O-1", "--team", "gz-1").code == 0
    assert state_of("O-1") == OrderState.ALLOCATED


@pytest.mark.usefixtures("world")
def test_where_stock_is_missing_nothing_moves(paidan):
    make_order({"A": 50}, number="O-2", **SHANGHAI)
    answer = paidan("reassign", "O-2", "--to", "gz")
    assert answer.code == 1
    assert "There is not enough stock for O-2 there." in answer.err


@pytest.mark.usefixtures("world")
def test_a_held_order_is_not_allocated_until_it_is_released(paidan):
    assert paidan("hold", "O-1", "--reason", "等买家").code == 0
    paidan("allocate")
    assert state_of("O-1") == OrderState.PENDING
    assert paidan("release", "O-1").code == 0
    assert paidan("release", "O-1").code == 1
    paidan("allocate")
    assert state_of("O-1") == OrderState.ALLOCATED


@pytest.mark.usefixtures("allocated")
def test_a_cancelled_order_gives_its_stock_back(paidan):
    assert paidan("cancel", "O-1").code == 0
    assert state_of("O-1") == OrderState.CANCELLED
    assert all(row["reserved"] == 0 for row in paidan("stock", "list", "--json").json)


@pytest.mark.usefixtures("world")
def test_a_paused_warehouse_gets_nothing_and_a_resumed_one_does(paidan):
    assert paidan("warehouse", "pause", "bj").code == 0
    paidan("allocate")
    assert paidan("explain", "O-1", "--json").json["allocations"][0]["warehouse"] == "gz"
    resumed = paidan("warehouse", "resume", "bj", "--json").json
    assert (resumed["open"], resumed["changed"]) == (True, True)
    assert "was open already" in paidan("warehouse", "resume", "bj").err


@pytest.mark.usefixtures("world")
def test_a_mapped_code_frees_the_orders_that_wait_for_it(paidan):
    make_order({"X-9": 1}, shop=make_shop("s1"), number="O-2", unmapped=["X-9"], **SHANGHAI)
    paidan("allocate")
    assert paidan("explain", "O-2", "--json").json["reason"] == "unknown_sku"
    assert paidan("map-sku", "s1", "X-9", "A", "--json").json["orders"] == 1
    paidan("allocate")
    assert state_of("O-2") == OrderState.ALLOCATED


@pytest.mark.usefixtures("world")
def test_a_mended_address_frees_its_order(paidan):
    make_order({"A": 1}, number="O-2", address_state=2)
    paidan("allocate")
    assert paidan("explain", "O-2", "--json").json["reason"] == "address_unresolved"
    mended = paidan("mend-address", "O-2", "江苏省", "南京市", "鼓楼区", "中山路1号")
    assert "江苏省南京市鼓楼区" in mended.err
    paidan("allocate")
    assert state_of("O-2") == OrderState.ALLOCATED


@pytest.mark.usefixtures("world")
def test_an_address_that_cannot_be_resolved_mends_nothing(paidan):
    answer = paidan("mend-address", "O-1", "没有这个地方")
    assert answer.code == 1
    assert answer.err.strip()


def test_doctor_finds_nothing_and_says_so_in_the_words_everybody_greps_for(paidan):
    answer = paidan("doctor")
    assert answer.code == 0
    assert "doctor: 0 violations" in answer.out


@pytest.mark.usefixtures("allocated")
def test_doctor_finds_what_is_broken_and_ends_with_1(paidan):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE stock_stock SET reserved_qty = reserved_qty + 1 WHERE reserved_qty > 0")
    answer = paidan("doctor")
    assert answer.code == 1
    assert "doctor: 1 violation" in answer.out
    assert paidan("doctor", "--json").json[0]["code"]


def test_an_unknown_acting_user_is_refused(paidan, monkeypatch):
    make_warehouse("gz", **GUANGZHOU)
    make_order({"A": 1}, number="O-1")
    monkeypatch.setenv("PAIDAN_USER", "nobody")
    answer = paidan("cancel", "O-1")
    assert answer.code == 1
    assert "PAIDAN_USER names nobody" in answer.err
