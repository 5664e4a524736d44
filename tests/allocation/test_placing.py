"""A parcel placed by hand costs, travels and is late exactly as if the engine had decided it."""

from datetime import timedelta

import pytest
from tests.builders import BEIJING, NOW, make_freight, make_order, make_sku, make_stock, make_warehouse

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.models import Allocation
from paidan.allocation.wave import run_wave
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db

FACTS = ("warehouse__code", "distance_m", "freight_minor", "carrier", "late_s", "work_day")


@pytest.mark.parametrize("region", [None, "310115", "310000", "110105", "HK", "US"])
@pytest.mark.parametrize("pieces", [1, 3, 40])
def test_by_hand_and_by_the_engine_are_the_same(region, pieces):
    bj = make_warehouse("bj", **BEIJING)
    make_sku("A", weight_g=700, volume_cm3=9_000)
    make_stock(bj, "A", 1000)
    make_freight(bj, "sf", None, first_minor=1500)
    make_freight(bj, "yto", "310000", first_minor=800, next_minor=400, transit_s=90_000)
    make_freight(bj, "air", "310115", first_minor=800, next_minor=400, transit_s=80_000, volumetric_cm3_per_kg=6000)
    make_freight(bj, "zto", "310115", first_minor=900, next_minor=200, transit_s=300_000)
    make_freight(bj, "hk", "810000", first_minor=3000, first_g=500, next_g=250)
    publish_rules({"rules": []}, now=NOW)
    facts = {"ship_by_at": NOW + timedelta(hours=24), "region": region}
    by_hand, by_engine = make_order({"A": pieces}, **facts), make_order({"A": pieces}, **facts)
    assign_by_hand(by_hand.id, warehouse=bj, now=NOW)
    run_wave(now=NOW)
    rows = {row["order_id"]: row for row in Allocation.objects.values("order_id", *FACTS)}
    first, second = rows[by_hand.id], rows[by_engine.id]
    assert {name: first[name] for name in FACTS} == {name: second[name] for name in FACTS}


def test_without_a_freight_row_a_parcel_costs_by_the_kilometre_the_rules_say():
    bj = make_warehouse("bj", **BEIJING)
    make_stock(bj, "A", 10)
    publish_rules({"rules": [], "objective": {"km_minor": 3}}, now=NOW)
    facts = {"region": "310115"}
    first = assign_by_hand(make_order({"A": 1}, **facts).id, warehouse=bj, now=NOW)
    make_order({"A": 1}, **facts)
    run_wave(now=NOW)
    prices = set(Allocation.objects.values_list("freight_minor", "carrier"))
    assert prices == {((Allocation.objects.get(id=first).distance_m * 3 + 500) // 1000, "")}
