"""The note of the promotion under way."""

from datetime import timedelta

import pytest
from tests.builders import NOW, make_user

from paidan.desk.promotion_note import promotion_under_way
from paidan.network.models import Promotion

pytestmark = pytest.mark.django_db


def test_the_promotion_that_began_last_is_named_with_its_day():
    user = make_user()
    assert promotion_under_way(user, NOW) == []
    span = {"starts_at": NOW - timedelta(days=20), "ends_at": NOW + timedelta(days=1)}
    Promotion.objects.create(code="season", name="Season", **span)
    Promotion.objects.create(code="1111", name="双11", **{**span, "starts_at": NOW - timedelta(days=1)})
    [note] = promotion_under_way(user, NOW)
    assert str(note.words) == "双11, day 2"
    assert promotion_under_way(user, span["ends_at"]) == []
