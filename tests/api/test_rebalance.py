"""Rebalance over the API: previewed within the caller's reach, made once, refused when it is too old."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.builders import make_order
from tests.client.test_client import connect  # noqa: F401 - clients of the application itself

from paidan.accounts.capabilities import Role
from paidan.accounts.token_scopes import TokenScope
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.models import Allocation
from paidan.allocation.transitions import accept_allocations
from paidan.network.models import FreightRate
from paidan.web.models import Batch

from .conftest import seller  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def dear(seller):  # noqa: F811
    """Two of JD and one of Tmall that Guangzhou ships for more than Beijing would."""
    FreightRate.objects.filter(warehouse=seller.bj).update(first_minor=700)
    now = timezone.now()
    orders = [
        make_order({"A": 1}, shop=shop, region="110105", now=now) for shop in (seller.jd, seller.jd, seller.tmall)
    ]
    return [assign_by_hand(order.id, warehouse=seller.gz, now=now) for order in orders]


def test_a_preview_says_what_would_move_and_apply_moves_it(seller, dear):  # noqa: F811
    program = seller.program()
    found = program.post("/rebalance", {"seconds": 1}).json()
    assert (found["considered"], found["moving"], found["saving_minor"]) == (3, 3, 1500)
    assert {(row["allocation"], row["from"], row["to"], row["why"]) for row in found["moves"]} == {
        (key, "gz", "bj", "saving") for key in dear
    }
    assert found["warehouses"][0]["load_after"] == 0
    accept_allocations(dear[:1], now=timezone.now())
    done = program.post(f"/rebalance/{found['id']}/apply", {}).json()
    assert done == {"done": 2, "saving_minor": 1000, "refused": {"accepted": 1}, "left": 0}
    assert Allocation.objects.filter(warehouse=seller.bj, replaces_id__in=dear).count() == 2


@pytest.mark.usefixtures("dear")
def test_limits_and_filters(seller):  # noqa: F811
    program = seller.program()

    def moving(**asked):
        return program.post("/rebalance", {"seconds": 1, **asked}).json()["moving"]

    assert moving(most=2) == 2
    assert moving(saving_minor=501) == 0
    assert moving(shop="tmall") == 1
    assert moving(warehouse="bj") == 0
    assert moving(region="440000") == 0


def test_what_is_asked_wrongly_is_refused_with_the_field(seller):  # noqa: F811
    program = seller.program()
    for body, code in (({"warehouse": "x"}, "unknown_warehouse"), ({"shop": "x"}, "unknown_shop")):
        answer = program.post("/rebalance", body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert program.post("/rebalance", {"most": 0}).status_code == 422
    assert program.post("/rebalance", {"region": "south"}).status_code == 422


def test_nobody_reaches_beyond_their_limits(seller, dear):  # noqa: F811
    limited = seller.program(shops=[seller.tmall])
    found = limited.post("/rebalance", {"seconds": 1}).json()
    assert [row["allocation"] for row in found["moves"]] == dear[2:]
    assert seller.program(warehouses=[seller.gz]).post("/rebalance", {"seconds": 1}).json()["moving"] == 0
    reader = seller.program(TokenScope.ORDERS_READ)
    assert reader.post("/rebalance", {}).status_code == 403
    stranger = seller.program(role=Role.LEAD)
    assert stranger.post(f"/rebalance/{found['id']}/apply", {}).status_code == 404


def test_a_preview_that_is_too_old_is_refused(seller, dear):  # noqa: F811
    program = seller.program()
    found = program.post("/rebalance", {"seconds": 1}).json()
    Batch.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    answer = program.post(f"/rebalance/{found['id']}/apply", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "preview_expired")
    assert Allocation.objects.filter(warehouse=seller.gz, id__in=dear, state=1).count() == 3


def test_the_client_previews_and_makes_it(connect, dear):  # noqa: F811
    paidan = connect()
    found = paidan.rebalances.preview(most=2, seconds=1)
    assert found["moving"] == 2
    assert found["beyond"] == 1
    assert paidan.rebalances.apply(found["id"])["done"] == 2
    assert len(dear) == 3
