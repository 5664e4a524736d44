"""The ratio sliders: percents that sum to a hundred, their effect shown first."""

from datetime import timedelta

from tests.builders import make_order
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.network.models import Warehouse
from paidan.network.ratios import as_percent

URL = "/board/ratios/"


def test_percents_sum_to_a_hundred():
    assert as_percent({1: 1, 2: 1, 3: 1}) == {1: 34, 2: 33, 3: 33}
    assert as_percent({1: 40, 2: 60, 3: 0}) == {1: 40, 2: 60, 3: 0}
    assert sum(as_percent(dict.fromkeys(range(7), 0)).values()) == 100
    assert as_percent({}) == {}


def test_the_effect_is_shown_and_nothing_saved(board):
    # The same weekday a week ago, a minute later than now, as far as the day is not over then.
    make_order({"A": 1}, now=board.now, region="440106")
    make_order({"A": 1}, now=board.now - timedelta(days=7) + timedelta(seconds=30))
    page = sign_in_as(Role.LEAD).client.post(URL, {f"r{board.gz.id}": 75, f"r{board.bj.id}": 25})
    gz, bj = page.context["rows"]
    assert (gz.old, gz.new, bj.new, page.context["sum"]) == (50, 75, 25, 100)
    assert page.context["rest"].waiting == 2
    assert set(Warehouse.objects.values_list("ratio", flat=True)) == {0}


def test_saving_is_all_or_nothing(board):
    lead = sign_in_as(Role.LEAD)
    page = lead.client.post(URL, {f"r{board.gz.id}": 75, f"r{board.bj.id}": 75, "save": "1"})
    assert "150 %" in page.context["error"]
    lead.client.post(URL, {f"r{board.gz.id}": 75, f"r{board.bj.id}": 25, "save": "1"})
    assert dict(Warehouse.objects.values_list("code", "ratio")) == {"gz": 75, "bj": 25}
    assert ChangeLogEntry.objects.get(action="ratios.set").after == {"gz": 75, "bj": 25}


def test_who_may_set_ratios(board):  # noqa: ARG001 - there is something to set
    assert sign_in_as(Role.CLERK).client.get(URL).status_code == 403
    assert sign_in_as(Role.VIEWER).client.post(URL).status_code == 403
    assert sign_in_as(Role.LEAD).client.get(URL).status_code == 200
