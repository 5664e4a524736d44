"""The flagship edition's own address: its signature, its arguments, its replies, its states."""

import json
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from paidan.accounts.credentials import Keys, add_credential
from paidan.accounts.models import Protocol
from paidan.api.compat.flagship import EPOCH, signature
from paidan.api.compat.flagship_methods import METHODS
from paidan.orders.models import Order

from .conftest import MOMENT, around_now, china, line
from .test_trades import allocate, ship_everything

KEYS = Keys("wdtapi3", "appkey", "secret:salt")
TEXT = (Path(__file__).resolve().parents[3] / "docs" / "how-to" / "wdt.md").read_text(encoding="utf-8")


@pytest.fixture
def program(seller):  # noqa: ARG001 - there must be somebody to call
    add_credential(Protocol.WDT, KEYS, owner=None, now=timezone.now(), by=None)

    def call(method, *arguments, secret="secret", body=None, **fields):
        said = {
            "sid": "wdtapi3",
            "key": "appkey",
            "salt": "salt",
            "method": method,
            "timestamp": str(int(timezone.now().timestamp()) - EPOCH),
            "v": "1.0",
            **{name: str(value) for name, value in fields.items()},
        }
        text = json.dumps(arguments, ensure_ascii=False) if body is None else body
        sign = signature({**said, "body": text}, secret)
        answer = Client().post("/openapi", text, content_type="application/json", query_params={**said, "sign": sign})
        assert answer.status_code == 200
        return answer.json()

    return call


def raw(tid, **more):
    return {
        "tid": tid,
        "trade_status": 30,
        "process_status": 10,
        "pay_status": 2,
        "delivery_term": 1,
        "trade_time": china().strftime(MOMENT),
        "pay_time": china().strftime(MOMENT),
        "buyer_nick": "lin",
        "receiver_name": "张三",
        "receiver_area": "广东省 广州市 天河区",
        "receiver_address": "天河路1号",
        "receiver_mobile": "13800000000",
        "remark": "gift",
        "remark_flag": 3,
        **more,
    }


def lines_of(*tids):
    return [line(f"{tid}-1", tid=tid) for tid in tids]


def period():
    start, end = (at.strftime(MOMENT) for at in around_now())
    return {"start_time": start, "end_time": end}


def test_the_signature_is_the_documented_one():
    said = {"sid": "wdtapi3", "key": "appkey", "salt": "salt", "method": "goods.Goods.queryWithSpec"}
    said |= {"timestamp": "100", "v": "1.0", "body": '[{"goods_no":"G001"}]'}
    assert signature(said, "secret") == "703b2c4b5b16565883e6b58d18e254a2"


def test_raw_trades_come_in_with_the_lines_beside_them(program):
    method = "sales.RawTrade.pushSelf2"
    found = program(method, "shop01", [raw("T1"), raw("T2"), raw("T3")], lines_of("T1", "T2"), [])
    assert (found["status"], found["data"]["new_count"], found["data"]["chg_count"]) == (0, 2, 0)
    assert [one["no"] for one in found["data"]["error_list"]] == ["T3"]
    order = Order.objects.get(number="T1")
    assert (order.region, order.seller_remark, order.tags) == (440106, "gift", ["flag:3"])
    again = program(method, "shop01", [raw("T1")], lines_of("T1"), [])["data"]
    assert again == {"new_count": 0, "chg_count": 0, "error_list": []}


def test_trades_and_their_work_are_asked_for(program):
    program("sales.RawTrade.pushSelf", "shop01", [raw("T1"), raw("T2")], lines_of("T1", "T2"))
    asked = ("sales.TradeQuery.queryWithDetail", {**period(), "status": "30"})
    assert [one["trade_status"] for one in program(*asked)["data"]["order"]] == [30, 30]
    allocate()
    [one] = program("sales.TradeQuery.queryWithDetail", period(), page_no=1, page_size=1)["data"]["order"]
    assert (one["src_tids"], one["warehouse_no"], one["trade_status"]) == ("T2", "gz", 55)
    assert one["detail_list"][0]["spec_no"] == "A"
    ship_everything()
    work = program("wms.stockout.Sales.queryWithDetail", {**period(), "status": 95})["data"]
    assert (work["total_count"], work["order"][0]["status"]) == (2, 95)
    history = program("wms.StockSpec.queryChangeHistory", period())["data"]
    assert [row["num"] for row in history["detail_list"]] == ["-1.0000", "-1.0000"]


def test_stock_and_the_network_are_asked_for(program):
    for method in ("wms.StockSpec.search", "wms.StockSpec.search2"):
        [row] = program(method, {"warehouse_no": "gz", "spec_no": "A"})["data"]["detail_list"]
        assert row["stock_num"] == "100000.0000"
    places = program("setting.Warehouse.queryWarehouse", {}, page_size=1)["data"]
    assert (places["total_count"], [row["warehouse_no"] for row in places["warehouses"]]) == (2, ["gz"])
    assert [row["shop_no"] for row in program("setting.Shop.queryShop", {"shop_no": "other"})["data"]["shoplist"]] == [
        "other"
    ]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"secret": "wrong"}, 1),
        ({"salt": "sugar"}, 1),
        ({"sid": "x"}, 1),
        ({"key": "x"}, 1),
        ({"v": "2.0"}, 1),
        ({"timestamp": "100"}, 7),
        ({"timestamp": "x"}, 7),
        ({"salt": ""}, 1),
        ({"body": "{}"}, 1),
        ({"body": "["}, 1),
    ],
)
def test_a_wrong_call_is_told_its_number(program, changed, status):
    found = program("setting.Shop.queryShop", {}, **changed)
    assert found["status"] == status
    assert found["message"]
    assert "data" not in found


def test_what_cannot_be_done_is_said(program):
    assert program("goods.Goods.queryWithSpec", {})["status"] == 1
    assert program("sales.RawTrade.pushSelf2", "shop01", [raw("T1")])["status"] == 1
    assert program("sales.RawTrade.pushSelf2", "nowhere", [raw("T1")], lines_of("T1"))["status"] == 100
    assert program("sales.TradeQuery.queryWithDetail", {})["status"] == 100
    many = [raw(str(at)) for at in range(101)]
    assert program("sales.RawTrade.pushSelf2", "shop01", many, [])["status"] == 1
    assert not Order.objects.exists()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_documented(method):
    assert f"`{method}`" in TEXT
