"""The methods through the Qimen gateway, called by wdtqm, unmodified."""

import json
from datetime import datetime, timedelta

import pytest
import requests
from django.utils import timezone
from wdtqm import WdtQimenSDK

from paidan.accounts.credentials import Keys, add_credential
from paidan.accounts.models import Protocol

from .conftest import MOMENT, around_now, trade
from .test_trades import allocate, ship_everything

QIMEN = Keys("wdtapi3", "wdtkey", "secret:salt", "qmkey", "qmsecret", "tgt")


@pytest.fixture
def sdk(live_server, seller):  # noqa: ARG001 - there must be somebody to call
    add_credential(Protocol.WDT_QIMEN, QIMEN, owner=None, now=timezone.now(), by=None)
    return sdk_of(live_server)


def sdk_of(live_server, **other):
    named = {
        "app_key": "qmkey",
        "app_secret": "qmsecret",
        "target_app_key": "tgt",
        "wdt_app_key": "wdtkey",
        "wdt_app_secret": "secret:salt",
        "wdt3_customer_id": "wdtapi3",
        "server_url": f"{live_server.url}/router/qm",
    }
    return WdtQimenSDK(**{**named, **other})


def period():
    start, end = (at.strftime(MOMENT) for at in around_now())
    return {"start_time": start, "end_time": end}


def flagship(sdk, method, page=0, **params):
    pager = json.dumps({"page_no": page, "page_size": 50})
    return sdk.pager_call_api(method, {"params": json.dumps({**period(), **params}), "pager": pager})["response"]


@pytest.fixture
def shipped(sdk, wdt):
    wdt.orders.trade_push("shop01", [trade("T1"), trade("T2")])
    allocate()
    ship_everything()
    return sdk


@pytest.mark.parametrize("prefix", ["", "3ldsmu02o9."])
def test_trades_are_asked_for_with_details(shipped, prefix):
    answer = flagship(shipped, f"{prefix}wdt.sales.tradequery.querywithdetail", status="95")
    assert (answer["status"], answer["data"]["total_count"]) == (0, 2)
    one = answer["data"]["order"][0]
    assert (one["src_tids"], one["warehouse_no"], one["detail_list"][0]["spec_no"]) == ("T1", "gz", "A")


@pytest.mark.parametrize(
    ("method", "name", "number"),
    [
        ("wdt.trade.query", "trades", 2),
        ("wdt.stock.query", "stocks", 1),
        ("wdt.goods.query", "goods_list", 1),
        ("wdt.stockout.order.query.trade", "stockout_list", 2),
        ("wdt.stockout.order.query", "stockout_list", 2),
    ],
)
def test_methods_of_the_open_api_answer_with_its_fields(shipped, method, name, number):
    answer = shipped.call_api(method, {**period(), "page_no": "0", "page_size": "40"})["response"]
    assert (answer["flag"], answer["code"], len(answer[name])) == ("success", 0, number)


def test_the_flagship_edition_is_told_the_states_it_has(sdk, wdt):
    method = "wdt.sales.tradequery.querywithdetail"
    wdt.orders.trade_push("shop01", [trade("T1")])
    assert [one["trade_status"] for one in flagship(sdk, method, status="30")["data"]["order"]] == [30]
    allocate()
    assert [one["trade_status"] for one in flagship(sdk, method, status="55")["data"]["order"]] == [55]
    assert flagship(sdk, method, status="53")["data"]["order"] == []
    [one] = flagship(sdk, "wdt.wms.stockout.sales.querywithdetail", status="55")["data"]["order"]
    assert one["status"] == 55


def test_orders_come_in_through_the_gateway(sdk):
    pushed = {"shop_no": "shop01", "trade_list": json.dumps([trade("T1")])}
    assert sdk.call_api("wdt.trade.push", pushed)["response"]["new_count"] == 1


def test_stock_and_its_history_are_asked_for(shipped):
    [row] = flagship(shipped, "wdt.wms.stockspec.search", warehouse_no="gz")["data"]["detail_list"]
    assert row["spec_no"] == "A"
    history = flagship(shipped, "wdt.wms.stockspec.querychangehistory")["data"]
    assert history["total_count"] == 2
    assert {one["num"] for one in history["detail_list"]} == {"-1.0000"}
    assert len(flagship(shipped, "wdt.wms.stockout.sales.querywithdetail")["data"]["order"]) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"app_secret": "x"},
        {"wdt_app_secret": "wrong:salt"},
        {"wdt_app_secret": "secret:sugar"},
        {"target_app_key": "x"},
        {"wdt3_customer_id": "x"},
        {"app_key": "x"},
        {"wdt_app_key": "x"},
    ],
)
def test_a_wrong_key_or_signature_is_an_error_response(sdk, live_server, other):  # noqa: ARG001
    with pytest.raises(Exception, match="API调用失败: code=100"):
        sdk_of(live_server, **other).call_api("wdt.trade.query", period())


def test_an_unknown_method_and_a_missing_period_are_error_responses(sdk):
    with pytest.raises(Exception, match="code=1006"):
        sdk.call_api("wdt.no.such.method", {})
    with pytest.raises(Exception, match="code=2900"):
        sdk.call_api("wdt.trade.query", {})
    with pytest.raises(Exception, match="code=1007"):
        sdk.call_api("wdt.trade.query", {"params": "[1]"})


def test_an_old_call_is_refused_whatever_it_is_signed_with(sdk, monkeypatch):
    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(minutes=6)

    monkeypatch.setattr("wdtqm.datetime", Earlier)
    with pytest.raises(Exception, match="code=1004"):
        sdk.call_api("wdt.trade.query", period())


def test_the_gateways_errors_come_with_status_200(live_server, seller):  # noqa: ARG001
    answer = requests.post(f"{live_server.url}/router/qm", data={}, timeout=30)
    assert answer.status_code == 200
    assert answer.json()["error_response"]["sub_code"] == "missing-parameter"
