"""Who is let in, how far, and what everybody else is told."""

import json
import time

import pytest
import requests
from django.test import override_settings
from django.utils import timezone
from tests.builders import make_shop
from wangdiantong.utils import calculate_signature

from paidan.accounts.capabilities import Role
from paidan.accounts.credentials import SCOPES, Keys, add_credential, revoke_credential, secret_of
from paidan.accounts.models import ApiToken, ChangeLogEntry, Credential, Protocol, User
from paidan.accounts.token_scopes import TokenScope
from paidan.kit.errors import Refusal
from paidan.kit.sealing import seal, unseal
from paidan.network.people import add_limited_credential
from paidan.orders.models import Order

from .conftest import KEYS, around_now, trade
from .test_trades import allocate


def test_a_wrong_secret_is_refused(client_of, credential):  # noqa: ARG001 - it must be there
    answer = client_of(KEYS.account, KEYS.app_key, "12346").orders.trade_push("shop01", [trade("T1")])
    assert answer["code"] == 1003
    assert "签名" in answer["message"]
    assert not Order.objects.exists()


@pytest.mark.parametrize(("sid", "appkey"), [("nobody", "test2-xx"), ("test2", "other")])
def test_an_unknown_caller_is_refused(client_of, credential, sid, appkey):  # noqa: ARG001 - it must be there
    assert client_of(sid, appkey, "12345").orders.trade_query(*around_now())["code"] == 1002


@pytest.mark.parametrize(("seconds", "code"), [(-301, 1004), (301, 1004), (-290, 0), (290, 0)])
def test_a_call_is_good_for_five_minutes(wdt, seconds, code):
    wdt.NOW = int(time.time()) + seconds
    assert wdt.orders.trade_query(*around_now())["code"] == code


def test_a_call_sent_twice_does_what_it_does_once(live_server, credential):  # noqa: ARG001 - it must be there
    form = {"shop_no": "shop01", "trade_list": json.dumps([trade("T1")]), "switch": "1"}
    form |= {"sid": "test2", "appkey": "test2-xx", "timestamp": str(int(time.time()))}
    form["sign"] = calculate_signature(form, "12345")
    first, second = (requests.post(f"{live_server.url}/openapi2/trade_push.php", data=form, timeout=30) for _ in "ab")
    assert (first.status_code, first.json()["new_count"]) == (200, 1)
    assert (second.json()["new_count"], second.json()["chg_count"]) == (0, 0)
    form["sign"] = form["sign"][::-1]
    assert requests.post(f"{live_server.url}/openapi2/trade_push.php", data=form, timeout=30).json()["code"] == 1003


def test_a_revoked_program_is_shut_out(wdt, credential):
    assert wdt.orders.trade_query(*around_now())["code"] == 0
    assert ApiToken.objects.get().last_used_at
    assert revoke_credential(credential, now=timezone.now(), by=None)
    assert not revoke_credential(credential, now=timezone.now(), by=None)
    assert wdt.orders.trade_query(*around_now())["code"] == 1002
    add_credential(Protocol.WDT, KEYS, owner=None, now=timezone.now(), by=None)
    assert wdt.orders.trade_query(*around_now())["code"] == 0


def test_a_closed_owner_closes_the_program(wdt):
    User.objects.update(is_active=False)
    assert wdt.orders.trade_query(*around_now())["code"] == 1002


def test_a_limited_program_sees_its_shop_and_warehouse_alone(client_of, seller, credential):  # noqa: ARG001 - it must be there
    full = client_of(KEYS.account, KEYS.app_key, KEYS.secret)
    full.orders.trade_push("shop01", [trade("T1")])
    full.orders.trade_push("other", [trade("T2")])
    allocate()
    keys = Keys("narrow", "k", "s")
    limits = {"warehouses": [seller.gz], "shops": [seller.shop]}
    who = {"owner": None, "scopes": SCOPES, "now": timezone.now(), "by": None}
    add_limited_credential(Protocol.WDT, keys, **limits, **who)
    narrow = client_of("narrow", "k", "s")
    assert [one["src_tids"] for one in narrow.orders.trade_query(*around_now())["trades"]] == ["T1"]
    assert narrow.orders.trade_push("other", [trade("T3")])["code"] == 2310
    assert {one["warehouse_no"] for one in narrow.stocks.query(*around_now())["stocks"]} == {"gz"}
    assert narrow.post("/openapi2/warehouse_query.php", data={})["total_count"] == 1
    assert narrow.post("/openapi2/shop.php", data={})["total_count"] == 1
    assert len(full.orders.trade_query(*around_now())["trades"]) == 2


def test_buyers_are_in_clear_only_for_who_may_and_it_is_logged(client_of, seller):  # noqa: ARG001 - it must be there
    owner = User.objects.create(username="lead", role=Role.LEAD)
    scopes = [*SCOPES, TokenScope.BUYERS_READ]
    add_credential(Protocol.WDT, KEYS, owner=owner, now=timezone.now(), by=None, scopes=scopes)
    clear = client_of(KEYS.account, KEYS.app_key, KEYS.secret)
    clear.orders.trade_push("shop01", [trade("T1")])
    [one] = clear.orders.trade_query(*around_now())["trades"]
    assert (one["receiver_name"], one["receiver_mobile"], one["receiver_address"]) == (
        "张三",
        "13800000000",
        "天河路1号",
    )
    assert ChangeLogEntry.objects.get(action="buyer.sent").after == {"number": 1}


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 1001),
        ({"sid": "test2", "appkey": "test2-xx", "timestamp": "soon", "sign": "x"}, 1004),
        ({"sid": ["a", "b"]}, 1007),
        ({"sid": "a\x00"}, 1007),
    ],
)
def test_a_form_that_is_none_is_refused_as_the_protocol_says(live_server, credential, form, code):  # noqa: ARG001 - it must be there
    answer = requests.post(f"{live_server.url}/openapi2/trade_query.php", data=form, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (200, code)
    assert answer.json()["message"]


def test_an_unknown_method_is_refused_after_the_signature(wdt):
    assert wdt.post("/openapi2/no_such_method.php", data={"a": 1})["code"] == 1006


@pytest.mark.parametrize("said", ["{", '"x"', "[]", "[1]", "[" + "{}," * 50 + "{}]"])
def test_a_list_that_is_none_is_refused(wdt, said):
    assert wdt.post("/openapi2/trade_push.php", data={"shop_no": "shop01", "trade_list": said})["code"] == 1007


def test_what_was_sealed_opens_with_the_same_key_and_purpose_only(db):  # noqa: ARG001 - it must be there
    sealed = seal("12345", "one")
    assert "12345" not in sealed
    assert unseal(sealed, "one") == "12345"
    with pytest.raises(Refusal):
        unseal(sealed, "other")
    with override_settings(SECRET_KEY="x" * 50), pytest.raises(Refusal):
        unseal(sealed, "one")


def test_a_secret_is_not_in_the_database_in_clear(credential):  # noqa: ARG001 - it must be there
    row = Credential.objects.get()
    assert "12345" not in row.sealed_secret
    assert secret_of(row) == "12345"
    assert "12345" not in str(list(ChangeLogEntry.objects.values()))


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (Keys("a", "b", ""), "key_missing"),
        (Keys("a" * 65, "b", "c"), "key_too_long"),
        (KEYS, "credential_exists"),
    ],
)
def test_keys_that_cannot_be_are_refused_at_their_field(credential, keys, code):  # noqa: ARG001 - it must be there
    with pytest.raises(Refusal) as refused:
        add_credential(Protocol.WDT, keys, owner=None, now=timezone.now(), by=None)
    assert refused.value.code == code
    assert refused.value.pointer


def test_a_gateway_needs_its_own_keys(db):  # noqa: ARG001 - it must be there
    make_shop("x")
    for keys in (Keys("a", "b", "secret"), Keys("a", "b", "secret:salt"), Keys("a", "b", "secret:salt", "g", "s")):
        with pytest.raises(Refusal):
            add_credential(Protocol.WDT_QIMEN, keys, owner=None, now=timezone.now(), by=None)
