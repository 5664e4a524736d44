"""A live server on the loopback, and Wangdiantong's own clients, unmodified, talking to it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone
from tests.builders import BEIJING, GUANGZHOU, make_freight, make_shop, make_sku, make_stock, make_team, make_warehouse

from paidan.accounts.credentials import Keys, add_credential
from paidan.accounts.models import Protocol
from paidan.allocation.doctor import all_violations
from paidan.rules.services import publish_rules

KEYS = Keys("test2", "test2-xx", "12345")
MOMENT = "%Y-%m-%d %H:%M:%S"


def china(at: datetime | None = None) -> datetime:
    """A moment as somebody in China reads it off the clock."""
    return (at or datetime.now(UTC)).astimezone(ZoneInfo(settings.DISPLAY_TIME_ZONE)).replace(tzinfo=None)


@pytest.fixture
def seller(transactional_db: None) -> Iterator[SimpleNamespace]:  # noqa: ARG001 - it needs the database
    """Two warehouses full of A, two shops, and the rule that everything goes to the nearest."""
    gz = make_warehouse("gz", name="广州仓", region=440106, **GUANGZHOU)
    bj = make_warehouse("bj", name="北京仓", region=110105, **BEIJING)
    make_team("t1", gz), make_team("t2", bj)
    make_sku("A", name="杯子", category="杯")
    for place in (gz, bj):
        make_stock(place, "A", 100_000)
        make_freight(place)
    shop, other = make_shop("shop01", name="小店", platform="taobao"), make_shop("other", platform="jd")
    publish_rules([], now=timezone.now() - timedelta(minutes=1))
    yield SimpleNamespace(gz=gz, bj=bj, shop=shop, other=other)
    assert list(all_violations()) == []


@pytest.fixture
def credential(seller: Any) -> Any:  # noqa: ARG001 - there must be somebody to call
    return add_credential(Protocol.WDT, KEYS, owner=None, now=timezone.now(), by=None)


@pytest.fixture
def client_of(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`wangdiantong-py` as it is installed. It reads the host when it is imported: what it has read is set, too."""
    monkeypatch.setenv("WANGDIANTONG_HOST", live_server.url)
    from wangdiantong.client import OpenApiClient

    monkeypatch.setattr(OpenApiClient, "API_BASE_URL", live_server.url)
    return OpenApiClient


@pytest.fixture
def wdt(client_of: Callable[..., Any], credential: Any) -> Any:  # noqa: ARG001 - it must be known
    return client_of(KEYS.account, KEYS.app_key, KEYS.secret)


def trade(tid: str, **more: Any) -> dict[str, Any]:
    """A trade as a platform pushes it: one cup to Guangzhou, paid."""
    return {
        "tid": tid,
        "trade_status": 30,
        "pay_status": 2,
        "delivery_term": 1,
        "trade_time": china().strftime(MOMENT),
        "pay_time": china().strftime(MOMENT),
        "buyer_nick": "lin",
        "receiver_name": "张三",
        "receiver_province": "广东省",
        "receiver_city": "广州市",
        "receiver_district": "天河区",
        "receiver_address": "天河路1号",
        "receiver_mobile": "13800000000",
        "order_list": [line(f"{tid}-1")],
        **more,
    }


def line(oid: str, spec_no: str = "A", num: int = 1, **more: Any) -> dict[str, Any]:
    return {"oid": oid, "num": num, "price": 10, "spec_no": spec_no, **more}


def around_now() -> tuple[datetime, datetime]:
    """Half an hour back, a little ahead: less than the longest period."""
    return china() - timedelta(minutes=30), china() + timedelta(minutes=1)


__all__ = ["KEYS", "MOMENT", "around_now", "china", "line", "trade"]
