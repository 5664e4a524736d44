"""The settings of the order check and an order it holds, in a real browser, in both languages, wide and narrow."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import NOW, make_order, make_shop

from paidan.accounts.capabilities import Role
from paidan.allocation.rechecking import recheck_all
from paidan.orders.models import CheckProfile

TO = {"name": "张三", "phone": "13800138000", "address": "世纪大道100号", "city": "上海市"}


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_order_check_looks_right(site, make_member, transactional_db, language):  # noqa: ARG001
    shop = make_shop("tm", name="天猫旗舰店")
    CheckProfile.objects.create(checks={"together": {"on": True}, "village": {"on": True}}, changed_at=NOW)
    now = timezone.now()
    first, _second = [make_order(shop=shop, recipient=TO, now=now) for _ in range(2)]
    recheck_all(now=now)
    lead = make_member(Role.LEAD, language=language)
    screen, narrow = site.look(lead, language=language), site.look(lead, language=language, phone=True)
    pages = {
        "settings-checks": reverse("desk:settings-checks"),
        "settings-shop-checks": reverse("desk:settings-shop-checks", args=[shop.pk]),
        "settings-check-lists": reverse("desk:settings-check-lists"),
        "order-checked": reverse("desk:order", args=[first.pk]),
    }
    for name, url in pages.items():
        page = screen.open(url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert not screen.scrolls_sideways(), name
        assert screen.violations() == [], name
        screen.picture(name)
        narrow.open(url)
        assert not narrow.scrolls_sideways(), f"{name} on a phone"
