"""The page of looking ahead, its switch, and the rule form's own."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.builders import BEIJING, GUANGZHOU, make_order, make_sku, make_stock, make_warehouse
from tests.desk.rules.test_rule_pages import USUAL, posted, said
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.ahead.force import settings
from paidan.allocation.models import LookAhead, ScarcityPrices
from paidan.allocation.wave import run_wave
from paidan.desk.rules.forms import RuleForm
from paidan.network.models import Warehouse
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db
PAGE = "rules:ahead"
TEST = {
    "verdict": "better", "asked": True, "orders": 2_000, "moved": 31, "blind_minor": 100_000, "ahead_minor": 96_500,
    "days": [["2026-11-09", 60_000, 57_000], ["2026-11-10", 40_000, 39_500]], "solved": 14,
    "error_sku": 0.21, "error_region": 0.48,
}  # fmt: skip


@pytest.fixture
def lead():
    gz, bj = make_warehouse("gz", name="Guangzhou", **GUANGZHOU), make_warehouse("bj", name="Beijing", **BEIJING)
    make_sku("A", name="Lamp")
    make_stock(gz, "A", 100)
    make_stock(bj, "A", 3)
    publish([{"id": "all", "name": "All", "then": {"look_ahead": True}}])
    return sign_in_as(Role.LEAD)


def publish(rules):
    publish_rules({"rules": rules}, now=timezone.now())


def solved(age=timedelta(minutes=5)):
    gz, bj = (Warehouse.objects.get(code=code) for code in ("gz", "bj"))
    return ScarcityPrices.objects.create(
        solved_at=timezone.now() - age, sku_ids=[make_sku("A").pk], warehouse_ids=[bj.pk], minor=[1_400],
        free_qty=[3], region=[230100], slot_warehouse_ids=[gz.pk], slot_minor=[250],
        statistics={"expected": 700, "days": 7},
    )  # fmt: skip


def shown(lead):
    return lead.client.get(reverse(PAGE)).content.decode()


def state(lead):
    return lead.client.get(reverse(PAGE)).context["state"]


def test_it_says_what_keeps_prices_from_being_used_until_nothing_does(lead):
    publish([{"id": "all", "then": {"strategies": ["nearest"]}}])
    assert "No rule in force asks for it" in state(lead).words
    publish([{"id": "all", "then": {"look_ahead": True}}])
    assert "a worker tests it on the past days first" in state(lead).words
    row = LookAhead.objects.create(pk=1, tested_at=timezone.now(), test={"verdict": "too_few_days"})
    assert "less than two weeks of orders" in state(lead).words
    row.test = {**TEST, "verdict": "worse"}
    row.save()
    assert "over 1 % more" in state(lead).words
    assert state(lead).tone == "unallocated"
    row.trusted, row.test = True, TEST
    row.save()
    assert "no prices were solved" in state(lead).words
    solved(timedelta(hours=7))
    assert "no prices were solved" in state(lead).words
    solved()
    assert "In use: 1 price of scarce stock" in state(lead).words
    assert state(lead).tone == "shipped"
    row.on = False
    row.save()
    assert "Switched off" in state(lead).words


def test_the_test_and_the_dearest_prices_are_shown(lead):
    LookAhead.objects.create(pk=1, trusted=True, tested_at=timezone.now(), test=TEST)
    solved()
    page = shown(lead)
    for words in ("2,000", "−3.50%", "−¥35", "21%", "48%", "Lamp", "¥14", "黑龙江省哈尔滨市", "a parcel more", "¥2.50"):
        assert words in page, words
    chart = lead.client.get(reverse(PAGE)).context["chart"]
    assert chart["saved"] == [30.0, 5.0]
    assert chart["together"] == [30.0, 35.0]
    assert reverse("rules:see", args=["all"]) in page


def test_nothing_scarce_and_nothing_solved_are_told_apart(lead):
    assert "No prices were solved yet" in shown(lead)
    ScarcityPrices.objects.create(solved_at=timezone.now(), statistics={"expected": 5, "days": 7})
    assert "Nothing is scarce" in shown(lead)


def test_the_switch_and_the_days_are_set_and_logged(lead):
    assert lead.client.post(reverse("rules:ahead-save"), {"horizon_days": "14"}).status_code == 302
    assert (settings().on, settings().horizon_days) == (False, 14)
    lead.client.post(reverse("rules:ahead-save"), {"on": "on", "horizon_days": "14"})
    lead.client.post(reverse("rules:ahead-save"), {"on": "on", "horizon_days": "14"})
    assert list(ChangeLogEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "look_ahead.off",
        "look_ahead.on",
    ]
    answer = lead.client.post(reverse("rules:ahead-save"), {"on": "on", "horizon_days": "90"})
    assert answer.status_code == 422
    assert "horizon_days" in answer.context["form"].errors
    assert settings().horizon_days == 14


def test_a_setting_leaves_the_verdict_as_it_is(lead):
    LookAhead.objects.create(pk=1, trusted=True, tested_at=timezone.now(), test=TEST)
    lead.client.post(reverse("rules:ahead-save"), {"on": "on", "horizon_days": "3"})
    assert settings().trusted
    assert settings().test == TEST


def test_a_worker_is_asked_once_to_solve_and_test(lead):
    waiting = ProcrastinateJob.objects.filter(task_name="test_look_ahead")
    for _press in range(2):
        assert lead.client.post(reverse("rules:ahead-test")).status_code == 302
    assert waiting.count() == 1


def test_who_only_looks_sees_it_and_cannot_set_it(lead):  # noqa: ARG001 - it needs the network
    viewer = sign_in_as(Role.VIEWER)
    page = viewer.client.get(reverse(PAGE))
    assert page.status_code == 200
    assert reverse("rules:ahead-test") not in page.content.decode()
    assert viewer.client.post(reverse("rules:ahead-test")).status_code in (403, 404)
    assert viewer.client.post(reverse("rules:ahead-save"), {"horizon_days": "3"}).status_code in (403, 404)


def test_the_form_keeps_looking_ahead_and_asks_for_a_strategy_that_compares_money(lead):
    entry = {"name": "N", "when": {}, "then": {"strategies": ["nearest"], "look_ahead": True}, "limits": {}}
    form = RuleForm(posted(RuleForm(entry=entry)), entry=entry)
    assert form.is_valid()
    assert form.to_entry()["then"] == {"strategies": ["nearest"], "look_ahead": True}
    plain = {**entry, "then": {"strategies": ["nearest"]}}
    form = RuleForm(posted(RuleForm(entry=plain)), entry=plain)
    assert form.is_valid()
    assert "look_ahead" not in form.to_entry()["then"]
    answer = lead.client.post(reverse("rules:new"), {**USUAL, "strategies": ["ratio"], "look_ahead": "on"})
    assert set(answer.context["form"].errors) == {"look_ahead"}


def test_the_sentence_says_it_in_both_languages():
    entry = {"then": {"look_ahead": True}}
    with translation.override("en"):
        assert said(entry) == "Every order → any warehouse, the nearest first; scarce stock kept for orders to come"
    with translation.override("zh-hans"):
        assert said(entry).endswith("稀缺库存留给后续订单")


def test_an_orders_page_has_the_column_of_prices_only_where_they_were_looked_at(lead):
    order = make_order({"A": 1}, region="110105", now=timezone.now())
    run_wave(now=timezone.now())
    assert "Worth later" not in lead.client.get(reverse("desk:order", args=[order.pk])).content.decode()
    LookAhead.objects.create(pk=1, trusted=True, tested_at=timezone.now(), test=TEST)
    solved()
    order = make_order({"A": 1}, region="110105", now=timezone.now())
    run_wave(now=timezone.now())
    page = lead.client.get(reverse("desk:order", args=[order.pk])).content.decode()
    assert "Worth later" in page
    assert "¥14" in page
