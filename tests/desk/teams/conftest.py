"""A team in Guangzhou with work at every step, another team, and the people who may or may not see it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from tests.builders import GUANGZHOU, make_order, make_shop, make_sku, make_stock, make_team, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.transitions import accept_allocations, pack_allocations, pick_allocations

GOODS = {"MAT": "瑜伽垫", "CUP": "保温杯", "LAMP": "护眼台灯"}


@pytest.fixture
def floor(db):  # noqa: ARG001 - it needs the database
    """Two teams of one warehouse; `assigned`, `accepted`, `picked`, `packed` make work for the first.

    Afterwards every invariant must hold.
    """
    shop = make_shop("tmall", name="旗舰店")
    gz = make_warehouse("gz", name="广州仓", **GUANGZHOU)
    for code, name in GOODS.items():
        make_stock(gz, make_sku(code, name=name), 5000)
    a, b = make_team("gz-a", gz, name="广州一组"), make_team("gz-b", gz, name="广州二组")
    now = timezone.now()

    def assigned(lines=(("MAT", 1),), *, team=a, hours=2.0, **fields):
        order = make_order(
            dict(lines),
            shop=shop,
            region="440300",
            now=now,
            ship_by_at=now + timedelta(hours=hours),
            recipient={"name": "王小明", "phone": "13812345678", "address": "深南大道9号", "city": "深圳市"},
            **fields,
        )
        return Allocation.objects.get(id=assign_by_hand(order.id, warehouse=gz, team=team, now=now))

    def stepped(*steps):
        def make(*arguments, **fields):
            allocation = assigned(*arguments, **fields)
            for step in steps:
                assert step([allocation.id], now=now).done
            allocation.refresh_from_db()
            return allocation

        return make

    yield SimpleNamespace(
        shop=shop,
        warehouse=gz,
        team=a,
        other=b,
        now=now,
        assigned=assigned,
        accepted=stepped(accept_allocations),
        picked=stepped(accept_allocations, pick_allocations),
        packed=stepped(accept_allocations, pick_allocations, pack_allocations),
    )
    assert list(all_violations()) == []


@pytest.fixture
def member(floor):
    """Somebody of the first team."""
    return sign_in_as(Role.TEAM, member_of=[floor.team])
