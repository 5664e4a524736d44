"""The settings of the order check, and what an order's page says and offers when a check holds it."""

import pytest
from django.urls import reverse
from tests.builders import NOW, make_order, make_shop
from tests.desk.settings.test_network import filled
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.jobs import recheck_everything
from paidan.allocation.rechecking import recheck_all
from paidan.network.models import Shop
from paidan.orders.checking.book import read_book
from paidan.orders.checking.kinds import Check
from paidan.orders.models import Blacklisted, CheckProfile, Hold, Order, RemarkWord
from paidan.orders.states import OrderState

pytestmark = pytest.mark.django_db
PAGE = reverse("desk:settings-checks")
LISTS = reverse("desk:settings-check-lists")
TO = {"name": "张三", "phone": "13800138000", "address": "世纪大道100号", "city": "上海市"}


@pytest.fixture
def lead():
    return sign_in_as(Role.LEAD, language="en").client


def keep(client, url, **changes):
    return client.post(url, {**filled(client, url), **changes}, follow=True)


def test_a_check_is_switched_on_with_its_parameters(lead):
    answer = keep(
        lead, PAGE, **{"amount": "on", "amount-most_minor": "99.50", "village": "on", "village-words": "村，屯"}
    )
    assert answer.status_code == 200
    book = read_book()
    assert book.settings(Check.AMOUNT)["most_minor"] == 9_950
    assert list(book.settings(Check.VILLAGE)["words"]) == ["村", "屯"]
    assert not book.is_on(Check.REMARK)
    assert ChangeLogEntry.objects.latest("id").action == "checks.changed"


def test_the_same_kept_again_is_no_change(lead):
    keep(lead, PAGE, remark="on")
    before = CheckProfile.objects.get().changed_at
    keep(lead, PAGE)
    assert CheckProfile.objects.get().changed_at == before


def test_a_shop_says_only_what_is_its_own(lead):
    shop, other = make_shop("jd"), make_shop("tm")
    url = reverse("desk:settings-shop-checks", args=[shop.pk])
    keep(lead, PAGE, remark="on")
    keep(lead, url, remark="off", invoice="on")
    assert set(CheckProfile.objects.get(shop=shop).checks) == {"remark", "invoice"}
    book = read_book()
    assert not book.is_on(Check.REMARK, shop.pk)
    assert book.is_on(Check.REMARK, other.pk)
    assert book.is_on(Check.INVOICE, shop.pk)


def test_what_waits_is_checked_again_after_a_change(lead):
    order = make_order(buyer_remark="轻放")
    keep(lead, PAGE, remark="on")
    recheck_everything()
    assert Hold.objects.get().order == order


def test_words_and_blacklist_are_kept_and_wrong_lines_are_named(lead):
    keep(lead, LISTS, words="顺丰 = SF\n加急=urgent", phone="138-0013 8000\n\n13800138000", name="李四")
    assert dict(RemarkWord.objects.values_list("word", "tag")) == {"顺丰": "SF", "加急": "urgent"}
    assert sorted(Blacklisted.objects.values_list("what", "text")) == [("name", "李四"), ("phone", "13800138000")]
    answer = lead.post(LISTS, {"words": "ok = x\nno tag"})
    assert answer.status_code == 422
    assert "Line 2" in str(answer.context["form"].errors["words"])
    assert RemarkWord.objects.count() == 2


@pytest.mark.parametrize("role", [Role.CLERK, Role.VIEWER, Role.TEAM])
def test_others_may_not_open_it(role):
    assert sign_in_as(role).client.get(PAGE).status_code == 403


def test_a_limited_lead_does_not_see_everybody_s_settings():
    assert sign_in_as(Role.LEAD, shops=[make_shop("jd")]).client.get(PAGE).status_code == 404


def held_together(**checks):
    CheckProfile.objects.create(checks={name: {"on": True} for name in checks}, changed_at=NOW)
    orders = [make_order(recipient=TO) for _ in range(2)]
    recheck_all(now=NOW)
    return orders


def test_the_order_s_page_says_why_in_one_sentence_and_offers_the_merge(lead):
    first, second = held_together(together=1)
    page = lead.get(reverse("desk:order", args=[first.pk])).content.decode()
    assert f"it looks like {second.number} once more" in page
    merge = reverse("desk:order-merge", args=[first.pk])
    assert merge in page
    lead.post(merge)
    assert set(Order.objects.filter(merged_into__isnull=False)) == {first, second}
    assert Order.objects.get(merged_from=first).state == OrderState.PENDING


def test_a_hand_release_is_remembered(lead):
    first, second = held_together(together=1)
    lead.post(reverse("desk:order-release", args=[first.pk]))
    recheck_all(now=NOW)
    assert [hold.order for hold in Hold.objects.filter(released_at=None)] == [second]


def test_a_doubtful_address_offers_to_fix_it(lead):
    CheckProfile.objects.create(checks={"address": {"on": True}}, changed_at=NOW)
    order = make_order(recipient={**TO, "address": "1号"})
    recheck_all(now=NOW)
    page = lead.get(reverse("desk:order", args=[order.pk])).content.decode()
    assert "its address has no street" in page
    assert reverse("desk:order-address", args=[order.pk]) in page


def test_the_list_names_the_check_in_the_reader_s_language():
    held_together(together=1)
    client = sign_in_as(Role.CLERK, language="zh-hans").client
    assert "重复或可合并" in client.get(reverse("desk:orders") + "?tab=held").content.decode()
    assert Shop.objects.exists()
