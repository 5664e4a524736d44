"""The bell, the list and the settings of reminders, and who sees which."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.alerts.receiver import receiving
from tests.builders import make_order, make_shop, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.alerts.models import Channel, Kind, Reminder, ReminderRule
from paidan.alerts.watching import look

pytestmark = pytest.mark.django_db


@pytest.fixture
def reminder():
    """JD has one order too long without a warehouse, Tmall another."""
    now = timezone.now()
    ReminderRule.objects.create(kind=Kind.UNALLOCATED, limit=10)
    for code, name in (("jd", "JD"), ("tmall", "Tmall")):
        make_order({"A": 1}, shop=make_shop(code, name=name), now=now - timedelta(minutes=12))
    look(now)
    return Reminder.objects.get(shop__code="jd")


def bell(person):
    return person.client.get(reverse("alerts:bell")).context


def test_the_bell_counts_what_nobody_has_taken_within_ones_scope(reminder):
    lead = sign_in_as(Role.LEAD)
    limited = sign_in_as(Role.CLERK, shops=[reminder.shop])
    assert (bell(lead)["number"], bell(limited)["number"]) == (2, 1)
    assert limited.client.post(reverse("alerts:take", args=[reminder.pk])).status_code == 302
    assert (bell(lead)["number"], bell(limited)["number"]) == (1, 0)
    reminder.refresh_from_db()
    assert reminder.acknowledged_by == limited.user
    assert ChangeLogEntry.objects.filter(action="reminder.acknowledged", by=limited.user).exists()
    other = Reminder.objects.get(shop__code="tmall")
    assert limited.client.post(reverse("alerts:take", args=[other.pk])).status_code == 404
    page = lead.client.get(reverse("alerts:reminders")).content.decode()
    assert limited.user.display_name in page
    assert f"{reverse('desk:stuck')}?shop={reminder.shop_id}" in page


def test_who_plans_sets_what_is_watched(reminder):  # noqa: ARG001
    lead = sign_in_as(Role.LEAD)
    place = make_warehouse("gz", name="Guangzhou")
    given = {"kind": Kind.CAPACITY, "limit": 90, "warehouse": place.pk, "repeat_min": 60, "active": "on"}
    assert lead.client.post(reverse("alerts:watch-new"), {**given, "limit": 0}).status_code == 422
    assert lead.client.post(reverse("alerts:watch-new"), {**given, "escalate_min": 5}).status_code == 422
    assert lead.client.post(reverse("alerts:watch-new"), given).status_code == 302
    row = ReminderRule.objects.get(kind=Kind.CAPACITY)
    assert (
        "A warehouse has reached 90% of its capacity today"
        in lead.client.get(reverse("alerts:settings")).content.decode()
    )
    lead.client.post(reverse("alerts:watch", args=[row.pk]), {**given, "limit": 80})
    row.refresh_from_db()
    assert row.limit == 80
    lead.client.post(reverse("alerts:watch-drop", args=[row.pk]))
    assert not ReminderRule.objects.filter(kind=Kind.CAPACITY).exists()
    for role in (Role.CLERK, Role.VIEWER, Role.TEAM):
        assert sign_in_as(role).client.get(reverse("alerts:settings")).status_code == 403


def test_a_channels_address_is_checked_kept_and_never_shown_again():
    lead = sign_in_as(Role.LEAD)
    given = {"name": "Ops", "service": "dingtalk", "address": "https://example.com", "language": "en", "active": "on"}
    answer = lead.client.post(reverse("alerts:channel-new"), given)
    assert "It looks like: dingtalk://" in answer.content.decode()
    secret = "dingtalk://SECRETWORD@ABCDEFGH1234/"
    assert lead.client.post(reverse("alerts:channel-new"), {**given, "address": secret}).status_code == 302
    row = Channel.objects.get()
    url = reverse("alerts:channel", args=[row.pk])
    assert "SECRETWORD" not in lead.client.get(url).content.decode()
    assert lead.client.post(url, {**given, "address": "", "name": "Night"}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.address) == ("Night", secret)


def test_a_trial_says_whether_it_arrived(monkeypatch):
    lead = sign_in_as(Role.LEAD)
    row = Channel.objects.create(name="Hook", service="webhook", address="jsons://hooks.example.com/x")
    with receiving(monkeypatch) as receiver:
        page = lead.client.post(reverse("alerts:channel-try", args=[row.pk]), follow=True)
        assert "Sent to Hook" in page.content.decode()
        receiver.status = 500
        page = lead.client.post(reverse("alerts:channel-try", args=[row.pk]), follow=True)
        assert "Hook did not take it" in page.content.decode()
    assert len(receiver.taken) == 2
