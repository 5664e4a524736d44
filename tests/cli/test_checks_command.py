"""`paidan checks`: what is set, and checking again."""

import pytest
from tests.builders import NOW, make_order, make_shop

from paidan.orders.models import CheckProfile

pytestmark = pytest.mark.django_db


def test_checks_are_listed_per_shop_and_run_at_once(paidan):
    shop = make_shop("jd")
    CheckProfile.objects.create(shop=shop, checks={"remark": {"on": True}}, changed_at=NOW)
    make_order(shop=shop, buyer_remark="轻放")
    assert paidan("checks", "run", "--json").json == {"checked": 1, "held": 1, "released": 0}
    [here] = [one for one in paidan("checks", "list", "--shop", "jd", "--json").json if one["check"] == "remark"]
    assert (here["on"], here["holds"], here["settings"]["buyer"]) == (True, 1, True)
    assert not any(one["on"] for one in paidan("checks", "list", "--json").json if one["check"] == "remark")
    assert "remark" in paidan("checks", "list").out
    assert "holds ended: 0" in paidan("checks", "run").err


def test_an_unknown_shop_is_named(paidan):
    answer = paidan("checks", "run", "--shop", "nowhere")
    assert answer.code == 2
    assert "nowhere" in answer.err
