"""The shell as people meet it: sign-in, language, theme, keyboard, the toolkit's list, live updates."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import make_order, make_shop

from paidan.accounts.capabilities import Role
from paidan.orders.models import Event, Order
from paidan.orders.states import EventKind, OrderState

pytestmark = pytest.mark.urls("tests.web.sample")
BOTH = pytest.mark.parametrize("language", ["en", "zh-Hans"])


@BOTH
def test_everybody_signs_in_and_out(site, make_member, language):
    for role in Role:
        make_member(role, language=language)
        screen = site.look(language=language)
        page = screen.open("/account/password/")
        assert page.locator("html").get_attribute("lang") == language
        page.get_by_role("textbox").first.fill(role.value)
        page.locator("input[type=password]").fill("correct horse")
        page.locator("form.pd-form button").click()
        expect(page.locator(".pd-me")).to_be_visible()
        page.locator(".pd-me").click()
        page.locator("form[action$='sign-out/'] button").click()
        expect(page.locator("input[type=password]")).to_be_visible()


@BOTH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_page(site, language, theme):
    screen = site.look(language=language, theme=theme)
    screen.open("/account/sign-in/")
    assert screen.violations() == []
    if theme == "light":
        screen.picture("sign-in")


def test_a_wrong_password_says_so_and_too_many_end_it(site, make_member):
    make_member(Role.CLERK)
    page = site.look().open("/account/sign-in/")
    for _try in range(10):
        page.get_by_label("Username").fill("clerk")
        page.get_by_label("Password").fill("wrong")
        page.locator("form.pd-form button").click()
    expect(page.get_by_text("Too many wrong passwords")).to_be_visible()


def test_language_and_theme_are_remembered(site, make_member):
    user = make_member(Role.LEAD)
    page = site.look(user).open("/search/")
    page.locator("button[name=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.locator("[data-theme-switch]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.wait_for_load_state("networkidle")
    user.refresh_from_db()
    assert (user.language, user.theme) == ("zh-hans", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def make_desk(number=60):
    shop = make_shop("tmall", name="天猫旗舰店")
    now = timezone.now()
    return [
        make_order(
            shop=shop,
            number=f"24118784{at:08d}",
            ship_by_at=now + timedelta(minutes=13 * at - 40),
            amount_minor=8_900 + 113 * at,
            state=OrderState.UNALLOCATED if at % 5 == 0 else OrderState.PENDING,
        )
        for at in range(number)
    ]


@BOTH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_list_is_worked_by_keyboard_and_fits(site, make_member, language, theme):
    make_desk()
    screen = site.look(make_member(Role.LEAD, language=language), language=language, theme=theme)
    page = screen.open("/sample/orders/")
    assert not screen.scrolls_sideways()
    for key in ("j", "j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("[data-batch]")).to_be_visible()
    expect(page.locator("tr.sel")).to_have_count(2)
    assert screen.violations() == []
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("[data-batch]")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator(".pd-find input")).to_be_focused()


def test_a_batch_is_previewed_applied_and_undone(site, make_member):
    make_desk(10)
    page = site.look(make_member(Role.LEAD)).open("/sample/orders/")
    page.locator("[data-all]").click()
    page.keyboard.press("r")
    expect(page.locator("#dialog")).to_be_visible()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#dialog .pd-figure").first).to_have_text("8")
    page.locator("#dialog .btn-primary").click()
    expect(page.get_by_text("2 were refused")).to_be_visible()
    assert Order.objects.filter(priority=1).count() == 8
    page.locator("#dialog footer button").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("8 undone")).to_be_visible()
    assert not Order.objects.filter(priority=1).exists()


def test_selecting_all_matching_survives_the_next_page(site, make_member):
    make_desk(60)
    page = site.look(make_member(Role.LEAD)).open("/sample/orders/")
    page.locator("tbody input[name=id]").first.click()
    page.locator("[data-after]").click()
    expect(page.locator("tbody tr")).to_have_count(10)
    expect(page.locator("[data-selected]")).to_have_text("1 selected")
    page.locator("[data-select-all]").click()
    expect(page.locator("[data-selected]")).to_have_text("60 selected")


def test_what_changes_elsewhere_appears_without_touching_focus_scroll_or_selection(site, make_member):
    rows = make_desk(40)
    page = site.look(make_member(Role.LEAD)).open("/sample/orders/")
    page.wait_for_timeout(500)
    page.locator(f"tr[data-id='{rows[3].pk}'] input").click()
    page.evaluate("() => { document.querySelector('[data-list]').scrollTop = 120 }")
    page.locator(".pd-find input").focus()
    Order.objects.filter(pk=rows[5].pk).update(amount_minor=123_456)
    new = make_order(shop=rows[0].shop, ship_by_at=timezone.now() - timedelta(days=1))
    Event.objects.create(order=new, at=timezone.now(), kind=EventKind.RECEIVED, state=new.state)
    expect(page.locator(f"tr[data-id='{rows[5].pk}']")).to_contain_text("1,234.56", timeout=5_000)
    expect(page.get_by_text("1 new or changed row")).to_be_visible()
    expect(page.locator(f"tr[data-id='{rows[3].pk}'] input")).to_be_checked()
    expect(page.locator(".pd-find input")).to_be_focused()
    assert page.evaluate("() => document.querySelector('[data-list]').scrollTop") == 120
    page.locator("[data-new]").click()
    expect(page.locator(f"tr[data-id='{new.pk}']")).to_be_visible()
    expect(page.locator(f"tr[data-id='{rows[3].pk}'] input")).to_be_checked()


@BOTH
def test_the_shell_fits_a_phone_and_a_small_laptop(site, make_member, language):
    make_desk(5)
    user = make_member(Role.LEAD, language=language)
    for phone in (False, True):
        screen = site.look(user, language=language, phone=phone)
        screen.open("/search/?q=24118784")
        assert not screen.scrolls_sideways()
        assert screen.violations() == []


@BOTH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_component_is_accessible_in_both_themes(site, make_member, language, theme, tmp_path):
    screen = site.look(make_member(Role.LEAD, language=language), language=language, theme=theme)
    for address in ("/sample/patterns/", "/sample/patterns/?drawer=1"):
        screen.open(address)
        assert not screen.scrolls_sideways()
        assert screen.violations() == []
        screen.page.screenshot(path=str(tmp_path / "patterns.png"))


@BOTH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_for_the_phone_has_targets_for_thumbs(site, make_member, language, theme, tmp_path):
    screen = site.look(make_member(Role.TEAM, language=language), language=language, theme=theme, phone=True)
    page = screen.open("/sample/phone/")
    assert not screen.scrolls_sideways()
    assert screen.violations() == []
    for button in page.locator(".ph-act .btn, .ph-row").all():
        assert button.bounding_box()["height"] >= 48
    page.locator(".ph-more").click()
    page.wait_for_timeout(200)
    page.screenshot(path=str(tmp_path / "phone.png"))


def test_filters_are_opened_by_key_applied_named_dropped_and_survive_going_back(site, make_member):
    rows = make_desk(20)
    other = make_order(shop=make_shop("jd", name="京东自营"), ship_by_at=timezone.now())
    page = site.look(make_member(Role.LEAD)).open("/sample/orders/")
    expect(page.locator("tbody tr")).to_have_count(21)
    page.get_by_text("Shop", exact=True).first.click()
    page.get_by_label("京东自营").check()
    page.locator(".pd-filter-pop[open] .btn-primary").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator(f"tr[data-id='{other.pk}']")).to_be_visible()
    expect(page.locator(".pd-filter.on")).to_have_text("Shop 京东自营")
    assert page.url.endswith(f"/sample/orders/?shop={other.shop_id}")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(21)
    page.go_forward()
    page.locator(".pd-filter.on").click()
    expect(page.locator("tbody tr")).to_have_count(21)
    page.keyboard.press("f")
    page.locator(".pd-filter-pop[open] input[name=remark]").fill("nothing has this")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("link", name="Drop this condition").click()
    expect(page.locator("tbody tr")).to_have_count(21)
    page.get_by_role("link", name="Amount ¥").click()
    expect(page.locator("tbody tr").first).to_contain_text("京东自营")
    page.get_by_role("link", name="Amount ¥").click()
    expect(page.locator("tbody tr").first).to_contain_text(rows[-1].number)


def test_views_columns_and_pasted_numbers_are_kept(site, make_member):
    rows = make_desk(20)
    page = site.look(make_member(Role.LEAD)).open("/sample/orders/?amount_from=100")
    page.get_by_text("Views", exact=True).click()
    page.get_by_label("Save this filter as").fill("Big ones")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("View “Big ones” saved")).to_be_visible()
    page.get_by_label("Columns").click()
    page.get_by_role("checkbox", name="Remark").check()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("th", has_text="Remark")).to_be_visible()
    page.get_by_text("Paste numbers").click()
    page.get_by_label("Up to 2,000 numbers").fill(f"{rows[0].number}\n{rows[7].number}")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_text("Views", exact=True).click()
    page.get_by_role("link", name="Big ones").click()
    expect(page.locator(".pd-filter.on")).to_have_text("Amount ≥ ¥100")
