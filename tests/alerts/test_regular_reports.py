"""Reports that go out by themselves: once on their days, from their time on, as their owner sees them."""

import csv
import io
from datetime import time, timedelta

import pytest
from django.urls import reverse
from tests.alerts.post_office import post_office
from tests.alerts.receiver import receiving
from tests.builders import BEIJING, GUANGZHOU, NOW, make_order, make_shop, make_stock, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.alerts.models import Channel, Message, ReportSubscription
from paidan.alerts.reports import due, send_reports
from paidan.allocation.wave import run_wave
from paidan.reports.refresh import refresh
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db
MORNING = NOW + timedelta(days=1, minutes=1)  # 08:01 on Thursday, in Shanghai


@pytest.fixture
def yesterday():
    """Two orders in Beijing and one in Guangzhou, on Wednesday."""
    for code, name, where in (("bj", "North", BEIJING), ("gz", "South", GUANGZHOU)):
        make_stock(make_warehouse(code, name=name, **where), "A", 9)
    publish_rules([{"id": "r", "then": {"strategies": ["nearest"]}}], now=NOW)
    for region, shop in (("110105", "s1"), ("110105", "s2"), ("440106", "s2")):
        make_order(shop=make_shop(shop, name=shop.upper()), region=region)
    run_wave(now=NOW)
    refresh(now=MORNING)


def subscribed(address, *, owner=None, service="webhook", **fields):
    channel = Channel.objects.create(
        name=f"c{Channel.objects.count()}", service=service, address=address, language="en"
    )
    owner = owner or sign_in_as(Role.LEAD).user
    return ReportSubscription.objects.create(name="Every day", owner=owner, channel=channel, at=time(8), **fields)


def test_it_goes_out_once_a_day_from_its_time_on(yesterday, monkeypatch):  # noqa: ARG001
    subscribed("json://127.0.0.1/x")
    with receiving(monkeypatch) as receiver:
        assert send_reports(MORNING - timedelta(minutes=5)) == 0
        assert send_reports(MORNING) == 1
        assert send_reports(MORNING + timedelta(hours=3)) == 0
        assert send_reports(MORNING + timedelta(days=1)) == 1
    title, body = receiver.bodies[0]["title"], receiver.bodies[0]["message"]
    assert title == "Every day, 11 Nov"
    assert "Total: 3 allocations" in body
    assert "North: 2 allocations" in body
    assert Message.objects.filter(state="sent").count() == 2


def test_a_weekly_one_waits_for_its_day():
    subscribed("json://127.0.0.1/x", every=4)
    assert len(due(MORNING)) == 1
    assert due(MORNING + timedelta(days=1)) == []
    ReportSubscription.objects.update(active=False)
    assert due(MORNING) == []


def test_a_mail_brings_the_whole_table(yesterday):  # noqa: ARG001
    with post_office() as (port, mails):
        subscribed(f"mailto://127.0.0.1:{port}?from=a@example.com&to=b@example.com", service="mail", query="by=shop")
        assert send_reports(MORNING) == 1
    assert Message.objects.get().problem == ""
    [attached] = [part for part in mails[0].walk() if part.get_filename()]
    rows = list(csv.DictReader(io.StringIO(attached.get_payload(decode=True).decode("utf-8-sig"))))
    assert [(row["Shop"], row["Received"]) for row in rows] == [("S2", "2"), ("S1", "1"), ("Total", "3")]


def test_it_says_what_its_owner_may_see_and_no_more(yesterday, monkeypatch):  # noqa: ARG001
    limited = sign_in_as(Role.LEAD, shops=[make_shop("s1")]).user
    subscribed("json://127.0.0.1/x", owner=limited)
    with receiving(monkeypatch) as receiver:
        send_reports(MORNING)
    assert "Total: 1 allocations" in receiver.bodies[0]["message"]
    assert "South" not in receiver.bodies[0]["message"]


def test_the_lead_begins_one_from_the_report_and_ends_it(yesterday, monkeypatch):  # noqa: ARG001
    lead = sign_in_as(Role.LEAD)
    channel = Channel.objects.create(name="hook", service="webhook", address="json://127.0.0.1/x")
    page = lead.client.get("/reports/", {"by": "shop"})
    url = reverse("alerts:report-new") + page.context["schedule"]
    assert url in page.content.decode()
    given = {"name": "Shops", "days": "7", "every": "1", "at": "09:30", "channel": channel.pk, "active": "on"}
    assert lead.client.post(url, given).status_code == 302
    row = ReportSubscription.objects.get()
    assert (row.query, row.owner, row.every) == ("by=shop", lead.user, 1)
    with receiving(monkeypatch) as receiver:
        lead.client.post(reverse("alerts:report-send", args=[row.pk]))
    assert len(receiver.bodies) == 1
    assert lead.client.post(reverse("alerts:report", args=[row.pk]), {**given, "at": ""}).status_code == 422
    lead.client.post(reverse("alerts:report-drop", args=[row.pk]))
    assert not ReportSubscription.objects.exists()
