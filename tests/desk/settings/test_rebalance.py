"""The nightly rebalance: switched on within limits, logged, and for those who see everything."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from tests.builders import make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.models import NightlyRebalance
from paidan.allocation.rebalance.nightly import nightly, rebalance_if_due

pytestmark = pytest.mark.django_db
URL = "/settings/rebalance/"
GIVEN = {"active": "on", "at": "03:30", "saving": "2.50", "most": "200"}


def test_it_is_set_and_logged():
    client = sign_in_as(Role.LEAD).client
    assert b"It has not run yet" in client.get(URL).content
    assert client.post(URL, GIVEN).status_code == 302
    kept = nightly()
    assert (kept.active, kept.at, kept.saving_minor, kept.most) == (True, time(3, 30), 250, 200)
    entry = ChangeLogEntry.objects.get(action="rebalance.nightly_set")
    assert entry.after == {"active": True, "at": "03:30", "saving_minor": 250, "most": 200}
    text = client.get("/settings/changes/").content.decode()
    assert "Set the nightly rebalance" in text
    assert "¥2.50" in text
    client.post(URL, GIVEN)
    assert ChangeLogEntry.objects.filter(action="rebalance.nightly_set").count() == 1


def test_what_the_last_night_came_to_is_shown():
    client = sign_in_as(Role.LEAD).client
    client.post(URL, GIVEN)
    NightlyRebalance.objects.update(since_at=None)
    rebalance_if_due(now=datetime(2026, 11, 12, 3, 31, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert b"It has not run yet" not in client.get(URL).content
    assert b"Every night at 03:30 by itself. Last time 0 moved." in client.get("/board/rebalance/").content


def test_nonsense_is_refused_at_the_field():
    client = sign_in_as(Role.LEAD).client
    for wrong in ({"at": "25:00"}, {"saving": "-1"}, {"most": "0"}):
        answer = client.post(URL, {**GIVEN, **wrong})
        assert answer.status_code == 422
    assert not NightlyRebalance.objects.exists()


def test_it_is_for_those_who_change_settings_and_see_everything():
    assert sign_in_as(Role.CLERK).client.get(URL).status_code == 403
    assert sign_in_as(Role.LEAD, warehouses=[make_warehouse()]).client.get(URL).status_code == 404
    assert "Nightly rebalance" in sign_in_as(Role.LEAD).client.get("/settings/").content.decode()
    assert "Nightly rebalance" not in sign_in_as(Role.VIEWER).client.get("/settings/").content.decode()
