"""The client against the application itself: what comes back, what fails, what is sent again, what is never missed."""

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from tests.api.conftest import seller  # noqa: F401 - the same small seller
from tests.api.test_api import order

from paidan.client import ChangedMeanwhile, Forbidden, Invalid, NotFound, NotSignedIn, Paidan, Refused, Unreachable
from paidan.config.wsgi import application


class Flaky(httpx.BaseTransport):
    """A network that loses the first answers: the server has done its work, the caller does not learn of it."""

    def __init__(self, lost):
        self.within, self.lost, self.sent = httpx.WSGITransport(app=application), lost, []

    def handle_request(self, request):
        self.sent.append(request)
        answer = self.within.handle_request(request)
        if len(self.sent) <= self.lost:
            raise httpx.ReadError("the connection broke")
        return answer


@pytest.fixture
def connect(seller):  # noqa: F811
    """Clients of this test's own application; its requests share the test's connection, so they must not close it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    opened = []

    def client(*scopes, through=None, token="", **limits):
        secret = token or seller.program(*scopes, **limits).secret
        through = through or httpx.WSGITransport(app=application)
        opened.append(Paidan("http://localhost", secret, through=through, wait=lambda _seconds: None))
        return opened[-1]

    yield client
    for one in opened:
        one.close()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_orders_are_pushed_listed_worked_and_explained(connect):
    paidan = connect()
    pushed = paidan.orders.push([order(), order("2")], allocate=True)
    assert pushed["created"] == 2
    key = pushed["orders"][0]["id"]
    assert [row["number"] for row in paidan.orders.list(state="allocated")] == ["1", "2"]
    assert paidan.orders.explain(key)["candidates"]
    [part] = paidan.allocations.list(order=key)
    assert paidan.allocations.accept([part["id"]])["done"] == [part["id"]]
    assert paidan.allocations.get(part["id"])["state"] == "accepted"
    assert paidan.orders.hold([key], reason="wait")["done"] == [key]
    assert paidan.orders.get(key)["held"]


def test_many_orders_go_in_requests_of_a_thousand(connect):
    results = list(connect().orders.push_all([order(str(at)) for at in range(1_003)]))
    assert [one["result"] for one in results] == ["created"] * 1_003


def test_what_changes_is_followed_from_a_kept_cursor(connect):
    paidan = connect()
    [start] = paidan.orders.changes("now")
    assert start.items == []
    paidan.orders.push([order(str(at)) for at in range(3)])
    pages = list(paidan.orders.changes(start.cursor))
    assert [row["number"] for page in pages for row in page.items] == ["0", "1", "2"]
    assert [page.items for page in paidan.orders.changes(pages[-1].cursor)] == [[]]


def test_an_answer_lost_on_the_way_is_asked_for_again_and_nothing_is_done_twice(connect):
    network = Flaky(lost=2)
    paidan = connect(through=network)
    paidan.stock.adjust("A", "gz", 5)
    assert len(network.sent) == 3
    assert len({request.headers["Idempotency-Key"] for request in network.sent}) == 1
    assert [row["on_hand"] for row in paidan.stock.list(sku="A", warehouse="gz")] == [105]


def test_a_network_that_stays_away_is_an_exception(connect):
    with pytest.raises(Unreachable):
        connect(through=Flaky(lost=99)).orders.push([order()])


def test_the_network_is_changed_upon_what_was_seen(connect):
    paidan = connect()
    seen = paidan.warehouses.read("gz")
    assert paidan.warehouses.change("gz", match=seen.etag, capacity=7)["capacity"] == 7
    with pytest.raises(ChangedMeanwhile) as changed:
        paidan.warehouses.change("gz", match=seen.etag, capacity=8)
    assert changed.value.code == "changed_meanwhile"
    assert paidan.shops.add("pdd", platform="pdd")["code"] == "pdd"
    assert [row["code"] for row in paidan.skus.list()] == ["A"]
    assert paidan.ratios.set({"gz": 70, "bj": 30})["bj"] == 30
    assert paidan.freight.replace("gz", "yto", [{"first_minor": 800}])["rates"][0]["first_minor"] == 800
    assert paidan.ratios.plan("team", "ratio", [{"code": "t1", "when": "weekday:0", "value": 3}])


def test_rules_waves_and_exceptions(connect):
    paidan = connect()
    document = paidan.rules.get()
    assert paidan.rules.check(document)["rules"] == 1
    assert paidan.rules.diff(document) == []
    assert paidan.rules.publish(document, note="same", based_on=document["version"])["version"] == 2
    assert paidan.rules.rollback()["version"] == 3
    key = paidan.orders.push([order()])["orders"][0]["id"]
    assert paidan.waves.run()["statistics"]["allocated"] == 1
    assert paidan.waves.run() is None
    made = paidan.exceptions.report("damaged", order=key, note="wet")
    assert [row["id"] for row in paidan.exceptions.list()] == [made["id"]]
    assert paidan.exceptions.resolve([made["id"]], resolution="sent anew")["done"] == [made["id"]]


def test_what_the_server_refuses_is_an_exception_with_code_and_field(connect):
    paidan = connect()
    with pytest.raises(Invalid) as wrong:
        paidan.warehouses.change("gz", region="nowhere")
    assert (wrong.value.status, wrong.value.pointer, wrong.value.code) == (422, "/region", "unknown_region")
    with pytest.raises(NotFound):
        paidan.orders.get(10**9)
    with pytest.raises(Refused):
        paidan.stock.adjust("A", "gz", -10_000)
    with pytest.raises(Forbidden):
        connect("orders:read").orders.push([order()])
    with pytest.raises(NotSignedIn):
        connect(token="pd_aaaaaaaa_x").orders.get(1)


def test_what_a_person_decides_a_program_can_too(connect, seller):  # noqa: F811
    paidan = connect()
    [pushed] = paidan.orders.push([order()], allocate=True)["orders"]
    key = pushed["id"]
    [part] = paidan.allocations.list(order=key)
    assert paidan.allocations.reassign([part["id"]], warehouse="bj", reason="full")["done"] == [part["id"]]
    assert paidan.orders.assign([key], warehouse="gz")["done"] == [key]
    assert paidan.orders.tag([key], "VIP")["done"] == [key]
    assert paidan.orders.untag([key], "VIP")["done"] == [key]
    assert paidan.orders.change(key, seller_remark="gift")["id"] == key
    assert paidan.orders.buyer(key, reason="label")["address"] == "1"
    [here] = [one for one in paidan.allocations.list(order=key) if one["state"] == "assigned"]
    assert paidan.allocations.confirm_intercept([here["id"]])["refused"][0]["code"] == "no_intercept"
    assert paidan.allocations.take_back([here["id"]])["done"] == [here["id"]]
    assert paidan.orders.allocate_once([key], allow="split")["done"] == [key]
    assert paidan.orders.entrust([key], seller.owner.username)["done"] == [key]
    with pytest.raises(Refused):
        paidan.orders.split(key)


def test_goods_people_and_promotions_are_kept(connect):
    paidan = connect()
    paidan.skus.add("SET")
    made = paidan.bundles.set("SET", {"A": 2})
    assert list(paidan.bundles.list()) == [made]
    seen = paidan.bundles.read("SET")
    assert paidan.bundles.set("SET", {"A": 3}, match=seen.etag)["parts"] == [{"sku": "A", "qty": 3}]
    assert paidan.bundles.dissolve("SET")["parts"] == []
    with pytest.raises(NotFound) as missing:
        paidan.bundles.get("SET")
    assert missing.value.remedy
    paidan.promotions.add("618", starts_at="2026-06-01T00:00:00Z", ends_at="2026-06-19T00:00:00Z")
    assert paidan.promotions.change("618", name="年中")["name"] == "年中"
    assert [one["code"] for one in paidan.promotions.list()] == ["618"]
    assert paidan.members.set("t1", ["erp"])["members"][0]["username"] == "erp"
    assert paidan.members.get("t1")["team"] == "t1"
    assert paidan.shop_codes.map("jd", "j-A", "A") == {"lines": 0, "orders": 0}
    assert [one["code"] for one in paidan.shop_codes.list(shop="jd")] == ["j-A"]
    assert paidan.shop_codes.waiting() == []


def test_reports_are_read(connect):
    paidan = connect()
    today = timezone.localdate()
    paidan.orders.push([order()], allocate=True)
    cut = paidan.reports.allocation("shop", first=today, last=today, shop="jd", beside=True)
    assert [row["key"] for row in cut["rows"]] == ["jd"]
    assert paidan.reports.outcome(first=today, last=today)["allocated"] == 1
    assert [row["team"] for row in paidan.reports.teams()] == ["t1", "t2"]
    assert paidan.reports.promotions() == []
    assert paidan.reports.advice()["rules"] == []
    assert paidan.reports.transfers(limit=3) == []
    with pytest.raises(Invalid) as wrong:
        paidan.reports.promotions(["x"])
    assert wrong.value.pointer == "promotion"
