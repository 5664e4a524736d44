import pytest
from tests.builders import NOW, make_order

from paidan.reports.models import Cell

pytestmark = pytest.mark.django_db


def test_refresh_counts_what_is_new_and_rebuild_everything(paidan):
    make_order()
    answer = paidan("reports", "refresh", "--json")
    assert (answer.code, answer.json["days"]) == (0, 1)
    assert paidan("reports", "refresh", "--json").json["days"] == 0
    Cell.objects.all().delete()
    assert "1 days counted" in paidan("reports", "rebuild").err
    assert Cell.objects.filter(view=0, day=NOW.date(), received_n=1).exists()
