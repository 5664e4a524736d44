"""A joint wave of the past is decided jointly again, so that with nothing assumed the replay gives what happened."""

from datetime import timedelta

import pytest
from tests.builders import BEIJING, GUANGZHOU, NOW, SHANGHAI, make_freight, make_order, make_stock, make_warehouse

from paidan.allocation.joint import Jointly
from paidan.allocation.wave import run_wave
from paidan.rules.services import publish_rules
from paidan.whatif.comparing import compare
from paidan.whatif.replay import Assumptions

pytestmark = pytest.mark.django_db


def test_what_a_joint_wave_decided_is_decided_again_jointly() -> None:
    bj, gz = make_warehouse("bj", **BEIJING), make_warehouse("gz", **GUANGZHOU)
    for place, price in ((bj, 1000), (gz, 1200)):
        make_freight(place, "sf", first_minor=price)
    make_freight(gz, "sf", region="110000", first_minor=9000)
    make_stock(bj, "A", 1), make_stock(gz, "A", 5)
    publish_rules([{"id": "near", "then": {"strategies": ["nearest"]}}], now=NOW)
    make_order(region="310115", **SHANGHAI)
    make_order(region="110105", **BEIJING)
    run_wave(now=NOW, joint=Jointly(seconds=5.0, gap=0.0))
    found = compare(NOW - timedelta(hours=1), NOW + timedelta(hours=1), Assumptions())
    assert found.before == found.after
    assert found.before.freight_minor == 2200  # one by one it would be 10,000
