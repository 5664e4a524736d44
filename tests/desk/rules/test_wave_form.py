"""The form “How waves decide”: what it keeps in the draft, what it refuses, and what the difference says."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.engine.problem import Objective
from paidan.rules.drafts import draft, said_by_set
from paidan.rules.queries import published_version
from paidan.rules.services import publish_rules

WEIGHTS = {
    "unserved_minor": "1000",
    "parcel_minor": "3",
    "late_minor_per_h": "0.50",
    "ratio_minor": "0",
    "km_minor": "0.01",
}
JOINT = {
    "mode": "joint",
    "every_minutes": "30",
    "at": "9:30，14:00",
    "more_than": "2000",
    "seconds": "20",
    "gap": "0.1",
}
ADDRESS = "rules:waves"


@pytest.fixture
def lead(db):  # noqa: ARG001 - it needs the database
    publish_rules([], now=timezone.now())
    return sign_in_as(Role.LEAD)


def given(**changes):
    return {**JOINT, **WEIGHTS, "seen": said_by_set(draft() or published_version()), **changes}


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_what_the_form_says_is_kept_in_the_draft_and_in_force_once_published(lead):
    assert lead.client.post(reverse(ADDRESS), given()).status_code == 302
    kept = draft()
    assert kept.waves == {
        "mode": "joint", "every_minutes": 30, "at": ["09:30", "14:00"], "more_than": 2000, "seconds": 20, "gap": 0.001,
    }  # fmt: skip
    assert Objective(**kept.objective) == Objective(parcel_minor=300, late_minor_per_h=50)
    difference = words(lead.client.get(reverse("rules:difference")))
    assert "Orders are decided one by one, as they come." in difference
    assert "Orders are decided jointly, every 30 minutes, at 09:30, 14:00" in difference
    assert "each further parcel ¥3" in difference
    assert "differs from v1 in force in 2 places" in words(lead.client.get(reverse("rules:list")))
    lead.client.post(reverse("rules:publish"), {"revision": kept.revision, "note": ""})
    assert published_version().waves["every_minutes"] == 30
    assert "every 30 minutes" in words(lead.client.get(reverse("rules:list")))


def test_the_form_shows_what_the_version_says(lead):
    lead.client.post(reverse(ADDRESS), given())
    form = lead.client.get(reverse(ADDRESS)).context["form"]
    assert (form["at"].value(), form["gap"].value(), str(form["late_minor_per_h"].value())) == (
        "09:30, 14:00",
        0.1,
        "0.5",
    )


def test_one_by_one_forgets_the_times(lead):
    lead.client.post(reverse(ADDRESS), given())
    lead.client.post(reverse(ADDRESS), given(mode="stream"))
    assert draft().waves == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at": "half past nine"}, "is no time of day"),
        ({"every_minutes": "", "at": ""}, "Joint waves need a time"),
        ({"seconds": "0"}, "greater than or equal to 1"),
        ({"unserved_minor": ""}, "required"),
        ({"parcel_minor": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_comes_back_with_what_is_wrong(lead, changes, said):
    answer = lead.client.post(reverse(ADDRESS), given(**changes))
    assert answer.status_code == 422
    assert said in words(answer)
    assert draft() is None


def test_what_somebody_changed_meanwhile_is_not_overwritten(lead):
    seen = given()
    lead.client.post(reverse(ADDRESS), given(every_minutes="15"))
    answer = lead.client.post(reverse(ADDRESS), seen)
    assert answer.status_code == 409
    assert draft().waves["every_minutes"] == 15


def test_a_file_carries_it_out_and_in(lead):
    lead.client.post(reverse(ADDRESS), given())
    document = json.loads(lead.client.get(reverse("rules:export", args=[draft().number])).content)
    assert document["waves"]["at"] == ["09:30", "14:00"]
    document["waves"]["at"] = ["08:00"]
    file = SimpleUploadedFile("rules.json", json.dumps(document).encode())
    assert lead.client.post(reverse("rules:file"), {"file": file}).status_code == 302
    assert draft().waves["at"] == ["08:00"]


def test_who_may_not_change_rules_reads_it(lead):  # noqa: ARG001
    viewer = sign_in_as(Role.VIEWER)
    assert viewer.client.get(reverse(ADDRESS)).status_code == 403
    answer = viewer.client.get(reverse("rules:see-waves"))
    assert answer.status_code == 200
    assert "Keep in the draft" not in words(answer)
