"""The rules in a browser: a newcomer's path to a published rule, every template, drag, conflict, going back."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    make_freight,
    make_order,
    make_promotion,
    make_shop,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.accounts.capabilities import Role
from paidan.allocation.models import Allocation
from paidan.allocation.wave import run_wave
from paidan.rules.drafts import draft, rules_of_version
from paidan.rules.models import Rule
from paidan.rules.queries import published_version
from paidan.rules.services import publish_rules

NAMES = {"en": ("Guangzhou", "Beijing", "JD", "South"), "zh-Hans": ("广州仓", "北京仓", "京东自营店", "广州一组")}


def build(language):
    gz_name, bj_name, shop_name, team_name = NAMES[language]
    shop = make_shop("jd", name=shop_name)
    gz, bj = make_warehouse("gz", name=gz_name, **GUANGZHOU), make_warehouse("bj", name=bj_name, **BEIJING)
    make_team("t1", gz, name=team_name, shops=[shop], skills=["VIP"])
    make_sku("A", name="保温杯" if language == "zh-Hans" else "Flask")
    for place in (gz, bj):
        make_freight(place)
        make_stock(place, "A", 500)
    make_promotion("1111", timezone.now())
    listed = [
        {"id": "jd", "name": "京东就近" if language == "zh-Hans" else "JD", "when": {"shop": ["jd"]}},
        {"id": "south", "name": "华南" if language == "zh-Hans" else "South", "when": {"region": ["440000"]},
         "then": {"warehouses": ["gz", "bj"], "strategies": ["ranked"], "max_km": 900}},
        {"id": "shadow", "name": "湖南" if language == "zh-Hans" else "Hunan", "when": {"shop": ["jd"], "tag": ["x"]}},
    ]  # fmt: skip
    rules = [{**rule, "priority": place} for place, rule in enumerate(listed, 1)]
    publish_rules({"rules": rules}, now=timezone.now())
    for at in range(12):
        make_order({"A": 1}, shop=shop if at % 3 else make_shop("tmall"), region="440106", now=timezone.now())
    run_wave(now=timezone.now())


@pytest.fixture
def rules(transactional_db):  # noqa: ARG001 - what follows must be committed
    build("en")


def order_of(version):
    return [rule.code for rule in rules_of_version(version)]


@pytest.mark.usefixtures("rules")
def test_a_newcomers_path_from_a_template_to_a_published_rule(site, make_member):
    page = site.look(make_member(Role.LEAD)).open("/rules/")
    page.keyboard.press("n")
    page.get_by_role("link", name="VIP to an experienced team").click()
    expect(page.locator("#rule-says")).to_contain_text("it is tagged VIP")
    page.locator("[data-add=region]").click()
    page.locator("[data-condition=region] .ts-control input").fill("湖南")
    page.locator(".ts-dropdown [data-value='430000']").click()
    expect(page.locator("#rule-says")).to_contain_text("it goes to 湖南省")
    expect(page.locator("#rule-says")).to_contain_text("0 of 12 orders")
    page.get_by_role("button", name="Keep in the draft").click()
    expect(page.get_by_text("differs from v1 in force in 1 place")).to_be_visible()
    page.get_by_role("link", name="Publish…").click()
    page.get_by_label("What changed, and why").fill("VIP first")
    page.get_by_role("button", name="Publish v2").click()
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
    order = make_order({"A": 1}, shop=make_shop("tmall"), region="430104", tags=["VIP"], now=timezone.now())
    run_wave(now=timezone.now())
    assert Allocation.objects.get(order=order).rule.code.startswith("vip")


@pytest.mark.usefixtures("rules")
def test_every_template_saves_a_rule_in_a_few_clicks(site, make_member):
    page = site.look(make_member(Role.LEAD)).open("/rules/new/")
    number = page.locator(".rl-templates .pd-filter").count()
    assert number == 7
    for at in range(number):
        page.goto("/rules/new/")
        page.locator(".rl-templates .pd-filter").nth(at).click()
        page.get_by_role("button", name="Keep in the draft").click()
        expect(page.locator("tr[data-place]")).to_have_count(5 + at)


@pytest.mark.usefixtures("rules")
def test_a_rule_is_dragged_and_moved_by_keys(site, make_member):
    page = site.look(make_member(Role.LEAD)).open("/rules/")
    grips = page.locator(".rl-grip")
    start, end = grips.nth(2).bounding_box(), grips.nth(0).bounding_box()
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 5, end["y"] + 8, steps=12)
    page.mouse.move(end["x"] + 5, end["y"] - 2, steps=4)
    page.mouse.up()
    expect(page.locator("tr[data-place='1']")).to_contain_text("Hunan")
    assert order_of(draft()) == ["shadow", "jd", "south", "catch-all"]
    page.locator("tr[data-place='1'] a.no").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("tr[data-place='2']")).to_contain_text("Hunan")
    assert order_of(draft()) == ["jd", "shadow", "south", "catch-all"]
    assert order_of(published_version()) == ["jd", "south", "shadow", "catch-all"]


@pytest.mark.usefixtures("rules")
def test_a_warning_is_mended_where_it_stands(site, make_member):
    page = site.look(make_member(Role.LEAD)).open("/rules/")
    expect(page.get_by_text("Never fires: rule 1 “JD” takes all its orders first.")).to_be_visible()
    page.get_by_role("button", name="Put it above rule 1").click()
    expect(page.get_by_text("Never fires")).to_have_count(0)


@pytest.mark.usefixtures("rules")
def test_two_people_at_one_rule(site, make_member):
    page = site.look(make_member(Role.LEAD)).open("/rules/rule/jd/")
    other = site.look(make_member(Role.ADMINISTRATOR)).open("/rules/rule/jd/")
    other.get_by_label("Distance limit").fill("500")
    other.get_by_role("button", name="Keep in the draft").click()
    expect(other.get_by_text("Kept in the draft")).to_be_visible()
    page.get_by_label("Distance limit").fill("700")
    page.get_by_role("button", name="Keep in the draft").click()
    expect(page.get_by_text("As it is in the draft now")).to_be_visible()
    expect(page.locator(".rl-conflict")).to_contain_text("500")
    page.get_by_role("button", name="Keep mine in its place").click()
    expect(page.get_by_text("Kept in the draft")).to_be_visible()
    assert Rule.objects.get(version=draft(), code="jd").then["max_km"] == 700


@pytest.mark.usefixtures("rules")
def test_going_back_to_an_older_version(site, make_member):
    publish_rules([], now=timezone.now(), note="everything nearest")
    page = site.look(make_member(Role.LEAD)).open("/rules/history/")
    page.get_by_role("link", name="Back to this version…").click()
    expect(page.get_by_role("cell", name="Hunan")).to_be_visible()
    page.get_by_role("button", name="Put v1 in force").click()
    expect(page.get_by_text("Version 3 is in force.")).to_be_visible()
    assert order_of(published_version()) == ["jd", "south", "shadow", "catch-all"]


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_of_the_rules(site, make_member, language, theme, transactional_db):  # noqa: ARG001
    build(language)
    screen = site.look(make_member(Role.LEAD, language=language), language=language, theme=theme)
    page = screen.open("/rules/rule/south/")
    page.get_by_label("最多包裹数" if language == "zh-Hans" else "At most parcels").wait_for(state="attached")
    page.locator("#rule-form button.btn-primary").click()
    page.wait_for_url("**/rules/")
    page.goto("/rules/new/?from=promotion")
    page.locator("#rule-form button.btn-primary").click()
    page.wait_for_url("**/rules/")
    for name, address in (
        ("rules", "/rules/"),
        ("rule", "/rules/rule/south/"),
        ("rules-difference", "/rules/difference/"),
        ("rules-history", "/rules/history/"),
        ("rules-try", "/rules/try/"),
    ):
        page.goto(address)
        assert not screen.scrolls_sideways()
        assert screen.violations() == []
        if theme == "light":
            screen.picture(name)
