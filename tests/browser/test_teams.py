"""A team's day on a phone: accept, pick list, pack and ship by scanning, a problem; and every page looked at."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import GUANGZHOU, make_order, make_shop, make_sku, make_stock, make_team, make_warehouse

from paidan.accounts.capabilities import Role
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState as State
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.orders.models import OrderException
from paidan.orders.states import ExceptionKind

BOTH = pytest.mark.parametrize("language", ["en", "zh-Hans"])
GOODS = (
    ("BWB-500-BL", "保温杯 500ml 雾蓝"),
    ("CJ-SET4", "餐具 4 件套"),
    ("CZ-24", "抽纸 24 包"),
    ("DSH-17", "电热水壶 1.7L"),
    ("SB-KID-M", "儿童书包 中号"),
    ("TD-LED", "护眼台灯"),
    ("XYN-60", "洗衣凝珠 60 颗"),
    ("YJ-MAT", "瑜伽垫 6mm"),
)
REGIONS = ("440300", "441900", "450100", "440600", "430100", "350200", "460100", "360700")


@pytest.fixture
def floor(transactional_db):  # noqa: ARG001 - rows must be committed to be seen by the live server
    """A team with sixteen orders, some late, and people of it."""
    warehouse = make_warehouse("gz", name="广州仓", **GUANGZHOU)
    for code, name in GOODS:
        make_stock(warehouse, make_sku(code, name=name), 1000)
    team, other = make_team("gz-a", warehouse, name="广州 A 组"), make_team("wh-a", warehouse, name="武汉 A 组")
    now = timezone.now()

    def order(at, of=team):
        lines = {GOODS[at % 8][0]: 1 + at % 3} | ({GOODS[(at + 3) % 8][0]: 1} if at % 4 == 3 else {})
        row = make_order(
            lines,
            shop=make_shop("tmall", name="天猫旗舰店"),
            number=f"2411{at * 7919 % 10**8:08d}",
            region=REGIONS[at % 8],
            ship_by_at=now + timedelta(minutes=23 * at - 41),
            tags=["VIP"] if at == 2 else [],
            recipient={"name": "王小明", "phone": "13812345678", "province": "广东省", "city": "深圳市"},
            now=now,
        )
        return Allocation.objects.select_related("order").get(
            id=assign_by_hand(row.id, warehouse=warehouse, team=of, now=now)
        )

    yield SimpleNamespace(team=team, other=other, order=order, now=now, rows=[order(at) for at in range(16)])
    assert list(all_violations()) == []


@pytest.fixture
def member(floor, make_member):
    def make(language="en"):
        user = make_member(Role.TEAM, language=language)
        floor.team.members.add(user)
        return user

    return make


def scan(page, code):
    """What a scanner does: type fast, end with Enter; wherever the focus is, once the page is there."""
    expect(page.locator("input[name=code][inputmode]")).to_be_attached()
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def states(*allocations):
    return [Allocation.objects.get(id=one.id).state for one in allocations]


def test_a_teams_day_on_a_phone(site, floor, member):
    """Accept three, pick them from a list, pack one by scanning and one by hand, ship by scanning, report a problem."""
    first, second, third = floor.rows[:3]
    page = site.look(member(), phone=True).open("/")
    expect(page.get_by_role("heading", name="广州 A 组")).to_be_visible()
    for box in page.locator("#chosen input[name=id]").all()[:3]:
        box.check()
    page.get_by_role("button", name="Accept 3 orders").click()
    expect(page.get_by_text("3 orders accepted")).to_be_visible()
    assert states(first, second, third) == [State.ACCEPTED] * 3

    page.get_by_role("link", name="Pick").click()
    page.get_by_role("button", name="Start a pick list").click()
    articles = page.locator("button.pk")
    expect(articles).to_have_count(3)
    for at in range(3):
        articles.nth(at).click()
        expect(page.locator("button.pk.done")).to_have_count(at + 1)
    page.get_by_role("button", name="All 3 picked").click()
    expect(page.get_by_text("3 orders picked")).to_be_visible()

    expect(page.locator("input[name=code][inputmode]")).to_be_focused()
    scan(page, first.order.number)
    expect(page.locator("#verdict")).to_contain_text("Packed")
    expect(page.locator(f"#row-{first.id}")).to_have_count(0)
    page.locator(f"#row-{second.id} input").check()
    page.get_by_role("button", name="Pack 1 order").click()
    expect(page.get_by_text("1 order packed")).to_be_visible()

    page.get_by_role("link", name="Ship").click()
    expect(page.locator("input[name=code][inputmode]")).to_be_focused()
    scan(page, str(first.id))
    expect(page.locator("#verdict")).to_contain_text("Now the waybill number")
    scan(page, "SF1403882100571")
    expect(page.locator("#verdict")).to_contain_text("Shipped")
    scan(page, third.order.number)
    expect(page.locator("#verdict")).to_contain_text("Not packed yet")
    expect(page.locator("[data-right]")).to_have_text("1")
    expect(page.locator("[data-wrong]")).to_have_text("1")
    expect(page.locator("#steps .on b")).to_have_text("1")
    expect(page.locator("#to-ship")).to_have_text("1", timeout=500)
    assert states(first, second, third) == [State.SHIPPED, State.PACKED, State.PICKED]

    page.locator("#verdict a").click()
    page.get_by_role("link", name="Report").click()
    page.get_by_label("Damaged").check()
    page.get_by_label("Note").fill("The lid is broken")
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_text("The lid is broken")).to_be_visible()
    reported = OrderException.objects.get()
    assert (reported.kind, reported.allocation_id) == (ExceptionKind.DAMAGED, third.id)


def test_numbers_scanned_faster_than_they_are_answered_are_all_taken_in_turn(site, floor, member):
    rows = floor.rows[:6]
    for step in (accept_allocations, pick_allocations):
        step([row.id for row in rows], now=floor.now)
    page = site.look(member(), phone=True).open(f"/team/{floor.team.pk}/pack/")
    for row in rows:
        scan(page, row.order.number)
    expect(page.locator("#steps a").nth(2).locator("b")).to_have_text("0")
    assert states(*rows) == [State.PACKED] * 6


def test_right_and_wrong_are_heard_and_felt(site, floor, member):
    row = floor.rows[0]
    for step in (accept_allocations, pick_allocations):
        step([row.id], now=floor.now)
    page = site.look(member(), phone=True).open(f"/team/{floor.team.pk}/pack/")
    page.evaluate(
        """() => {
          window.heard = [];
          navigator.vibrate = (pattern) => window.heard.push(['vibrates', pattern]) > 0;
          const start = OscillatorNode.prototype.start;
          OscillatorNode.prototype.start = function (at) {
            window.heard.push(['sounds', this.frequency.value]);
            return start.call(this, at);
          };
        }"""
    )
    page.mouse.click(200, 30)
    scan(page, row.order.number)
    expect(page.locator("#verdict .ok")).to_be_visible()
    assert page.evaluate("window.heard") == [["sounds", 1320], ["vibrates", 60]]
    scan(page, "no-such-number")
    expect(page.locator("#verdict .no")).to_be_visible()
    assert page.evaluate("window.heard.slice(2)") == [["sounds", 196], ["sounds", 147], ["vibrates", [200, 80, 200]]]


def test_the_scan_field_keeps_the_focus_but_not_from_a_menu(site, floor, member):
    page = site.look(member(), phone=True).open(f"/team/{floor.team.pk}/ship/")
    field = page.locator("input[name=code]")
    expect(field).to_be_focused()
    assert field.get_attribute("inputmode") == "none"
    page.locator("h1").click()
    expect(field).to_be_focused()
    page.locator("[data-keys]").click()
    assert field.get_attribute("inputmode") == "text"
    page.locator(".ph-more").click()
    page.wait_for_timeout(100)
    expect(field).not_to_be_focused()


def test_new_orders_appear_and_ticks_stay(site, floor, member):
    page = site.look(member(), phone=True).open(f"/team/{floor.team.pk}/accept/")
    ticked, gone = floor.rows[4], floor.rows[6]
    page.wait_for_timeout(500)
    page.locator(f"#row-{ticked.id} input").check()
    page.locator("h1").click()
    new = floor.order(20)
    accept_allocations([gone.id], now=floor.now)
    expect(page.locator(f"#row-{new.id}")).to_be_visible(timeout=6_000)
    expect(page.locator(f"#row-{gone.id}")).to_have_count(0)
    expect(page.locator(f"#row-{ticked.id} input")).to_be_checked()
    expect(page.locator("[data-count] span")).to_have_text("Accept 1 order")


def test_a_changed_order_asks_and_is_stopped(site, floor, member):
    row = floor.rows[1]
    accept_allocations([row.id], now=floor.now)
    page = site.look(member(), phone=True).open(f"/team/{floor.team.pk}/accept/")
    page.wait_for_timeout(500)
    cancel_orders([row.order_id], now=timezone.now())
    page.get_by_text("1 order changed in your hands").click(timeout=6_000)
    page.get_by_role("button", name="Stopped").click()
    expect(page.get_by_text("put its goods back")).to_be_visible()
    assert states(row) == [State.CANCELLED]


SMALL = """() => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1;
  const worded = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const pressed = '.ph a, .ph button, .ph label, .ph summary, .ph textarea, .ph input.form-control';
  const texts = [...document.querySelectorAll('.ph *')]
    .filter((one) => seen(one) && worded(one) && parseFloat(getComputedStyle(one).fontSize) < 15);
  const targets = [...document.querySelectorAll(pressed)]
    .filter((one) => seen(one) && one.getBoundingClientRect().height < 47.5 && !one.matches('.lbl'));
  return [...texts, ...targets].map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 30)}`);
}"""


def small(page):
    """Visible text under 15 px, and things to press under 48 px, by their words."""
    return page.evaluate(SMALL)


def set_out(floor):
    """Work at every step, a problem, a hand-back's neighbour and something to stop."""
    ids = [row.id for row in floor.rows]
    for number, step in ((12, accept_allocations), (7, pick_allocations), (5, pack_allocations)):
        step(ids[:number], now=floor.now)
    sent = zip(ids[:2], ("SF14038821005712", "SF14038821004901"), strict=True)
    ship_allocations([Shipment(key, "顺丰速运", number) for key, number in sent], now=floor.now)
    problem = {"kind": ExceptionKind.DAMAGED, "note": "盒子压扁了", "opened_at": floor.now}
    OrderException.objects.create(order_id=floor.rows[5].order_id, allocation_id=ids[5], **problem)
    cancel_orders([floor.rows[4].order_id], now=floor.now)


@BOTH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_team_page_is_legible_reachable_and_without_violations(site, floor, member, language, theme):
    set_out(floor)
    screen = site.look(member(language), language=language, theme=theme, phone=True)
    team, page = f"/team/{floor.team.pk}", screen.page

    def check(name=""):
        assert small(page) == []
        assert not screen.scrolls_sideways()
        assert screen.violations() == []
        if theme == "light" and name:
            screen.picture(name)

    screen.open(f"{team}/accept/")
    page.locator("[data-first]").click()
    check("team-accept")
    screen.open(f"{team}/pick/")
    check()
    page.locator("#chosen input[name=id]").first.check()
    check()
    screen.follow(page.locator("[data-some]"))
    check()
    screen.open(f"{team}/pick/")
    page.locator("[data-count]").click()
    page.locator("button.pk").first.click()
    expect(page.locator("button.pk.done")).to_have_count(1)
    check("team-pick-list")
    screen.follow(page.locator(".ph-act a").first)
    check()
    screen.follow(page.locator("a.ph-row").first)
    check()
    screen.open(f"{team}/pack/")
    check("team-pack")
    screen.open(f"{team}/ship/")
    scan(page, str(floor.rows[2].id))
    expect(page.locator("#verdict .ask")).to_be_visible()
    check()
    scan(page, "SF14038821004900")
    expect(page.locator("#verdict .ok")).to_be_visible()
    check("team-ship")
    scan(page, floor.rows[8].order.number)
    expect(page.locator("#verdict .no")).to_be_visible()
    check("team-ship-wrong")
    for path, name in (
        ("ship/carrier/", ""),
        ("stops/", "team-stops"),
        ("problems/", "team-problems"),
        (f"parcels/{floor.rows[5].id}/", "team-parcel"),
        (f"parcels/{floor.rows[5].id}/problem/", ""),
        (f"parcels/{floor.rows[5].id}/hand-back/", ""),
        (f"parcels/{floor.rows[0].id}/waybill/", ""),
    ):
        screen.open(f"{team}/{path}")
        check(name)


@BOTH
def test_the_printed_list_and_the_choice_of_teams(site, floor, make_member, language):
    accept_allocations([row.id for row in floor.rows[:6]], now=floor.now)
    screen = site.look(make_member(Role.LEAD, language=language), language=language)
    page = screen.open("/team/")
    expect(page.get_by_text("武汉 A 组")).to_be_visible()
    assert screen.violations() == []
    page.get_by_text("广州 A 组").click()
    page.locator("#steps a").nth(1).click()
    page.locator("[data-count]").click()
    page.locator(".ph-act a").nth(1).click()
    expect(page.locator("svg.bars")).to_have_count(6)
    assert screen.violations() == []
    screen.picture("team-print")
