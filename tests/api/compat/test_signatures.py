"""The signatures of the public vectors, by both ways of counting."""

import json

import pytest
from wangdiantong.utils import calculate_signature

from paidan.api.compat import qimen_sign, wdt_sign

COMMON = {"sid": "test2", "appkey": "test2-xx", "timestamp": "1470042310"}
T1 = '[{"tid": "T1", "trade_status": 30, "pay_status": 2, "delivery_term": 1, "receiver_name": "\\u5f20\\u4e09", '
T1 += '"order_list": [{"oid": "O1", "num": 1, "price": 10}]}]'
SYNCED = '[{"rec_id": 1, "status": 0, "message": "\\u540c\\u6b65\\u6210\\u529f"}]'
VECTORS = [
    (
        {"page_no": "0", "end_time": "2016-08-01 13:00:00", "start_time": "2016-08-01 12:00:00", "page_size": "40"},
        "ad4e6fe037ea6e3ba4768317be9d1309",
    ),
    ({"shop_no": "shop01", "trade_list": T1, "switch": "1"}, "54b5bbf0e9d7cf664d6f470a788c1160"),
    ({"shop_no": "shop01", "limit": "100"}, "553363153db58ec1114e0e5e71ba37be"),
    (
        {"stock_sync_list": '[{"rec_id": 1, "sync_stock": 2, "stock_change_count": 3}]'},
        "a7bb1a5bfeec61981d8fd13faa24a26f",
    ),
    ({"shop_no": "shop01", "limit": "100", "is_part_sync_able": "1"}, "a3e310baeb697c9095d01c0cadf2af49"),
    ({"logistics_list": SYNCED}, "0f8c724ded1370d40407f5272ac9bce2"),
    ({"page_no": "0", "suite_no": "S1", "page_size": "40"}, "30332290586169de8bb8fbb74c64b9d4"),
]


@pytest.mark.parametrize(("fields", "sign"), VECTORS)
def test_the_captured_calls_are_signed_as_we_would_sign_them(fields, sign):
    assert wdt_sign.signature({**COMMON, **fields}, "12345") == sign
    assert wdt_sign.is_signed({**COMMON, **fields, "sign": sign}, "12345")


def test_chinese_is_accepted_counted_in_characters_and_in_bytes():
    fields = {**COMMON, "class_name": "女装"}
    by_bytes = calculate_signature(fields, "12345")
    by_characters = wdt_sign.signature(fields, "12345")
    assert by_bytes != by_characters
    for sign in (by_bytes, by_characters, by_characters.upper()):
        assert wdt_sign.is_signed({**fields, "sign": sign}, "12345")


@pytest.mark.parametrize("sign", ["", "女", "0" * 32])
def test_a_wrong_signature_is_wrong(sign):
    assert not wdt_sign.is_signed({**COMMON, "sign": sign}, "12345")


QIMEN = {
    "datetime": "2026-11-22 19:15:10",
    "wdt_appkey": "wdtkey",
    "wdt_salt": "salt",
    "params": '{"start_time": "2026-01-01 00:00:00", "status": "30"}',
    "pager": '{"page_no": 0, "page_size": 50}',
}
METHOD = "wdt.sales.tradequery.querywithdetail"
FORM = {
    **QIMEN,
    "app_key": "qmkey",
    "method": METHOD,
    "timestamp": "2026-11-22 19:15:10",
    "v": "2.0",
    "sign_method": "md5",
    "format": "json",
    "target_app_key": "tgt",
    "wdt3_customer_id": "wdtapi3",
    "wdt_sign": "bfbf9da9627e425a5d50e86d55bb0d27",
    "sign": "C5BFE232AD764ABE512876B8316CF094",
}


def test_the_gateways_vector_holds_for_both_signatures():
    assert qimen_sign.wdt_sign(QIMEN, METHOD, "secret") == FORM["wdt_sign"]
    assert qimen_sign.gateway_sign(FORM, "qmsecret") == FORM["sign"]
    assert qimen_sign.is_wdt_signed(FORM, "secret")
    assert qimen_sign.is_gateway_signed(FORM, "qmsecret")


def test_a_prefixed_method_may_be_signed_with_its_prefix_or_without():
    named = f"3ldsmu02o9.{METHOD}"
    for signed in (METHOD, named):
        form = {**FORM, "method": named, "wdt_sign": qimen_sign.wdt_sign(QIMEN, signed, "secret")}
        assert qimen_sign.is_wdt_signed(form, "secret")
    assert not qimen_sign.is_wdt_signed({**FORM, "method": f"x.{METHOD}", "wdt_sign": "0" * 32}, "secret")


def test_a_changed_parameter_breaks_both_signatures():
    form = {**FORM, "params": json.dumps({"start_time": "2026-01-01 00:00:00", "status": "31"})}
    assert not qimen_sign.is_wdt_signed(form, "secret")
    assert not qimen_sign.is_gateway_signed(form, "qmsecret")
