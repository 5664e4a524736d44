"""What each scanned number comes to: moved on, asked further, or refused with what to do."""

import pytest
from django.urls import reverse
from tests.builders import make_freight

from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.holds import hold_orders
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState as State
from paidan.desk.teams.barcodes import LONG, STOP, WIDTHS, code128, symbols


@pytest.fixture
def scan(floor, member):
    def one(step, code, **more):
        answer = member.client.post(
            reverse("desk:team-scan", args=[floor.team.pk, step]),
            {"code": code, **more},
            headers={"HX-Request": "true"},
        )
        assert answer.status_code == 200
        return answer.content.decode()

    return one


def tone(answer):
    return answer.split('data-verdict="')[1].split('"')[0]


def state(allocation):
    return Allocation.objects.get(id=allocation.id).state


@pytest.mark.parametrize("number", ["order", "allocation"])
def test_order_and_allocation_numbers_move_a_parcel_on_step_by_step(floor, scan, number):
    one = floor.accepted()
    code = one.order.number if number == "order" else str(one.id)
    assert tone(scan("pick", code)) == "ok"
    assert tone(scan("pack", code)) == "ok"
    assert tone(scan("ship", code)) == "ask"
    assert state(one) == State.PACKED
    answer = scan("ship", "sf1234567890", parcel=one.id)
    assert tone(answer) == "ok"
    assert f'data-gone="{one.id}"' in answer
    row = Allocation.objects.get(id=one.id)
    assert (row.state, row.tracking_number) == (State.SHIPPED, "SF1234567890")


def test_a_known_waybill_ships_at_once(floor, scan):
    one = floor.packed()
    Allocation.objects.filter(id=one.id).update(tracking_number="SF99887766")
    assert tone(scan("ship", "SF99887766")) == "ok"
    assert state(one) == State.SHIPPED


def test_without_a_number_it_must_be_said(floor, scan):
    one = floor.packed()
    assert tone(scan("ship", "", parcel=one.id)) == "no"
    assert state(one) == State.PACKED
    assert tone(scan("ship", "", parcel=one.id, without="1")) == "ok"
    assert state(one) == State.SHIPPED


def test_a_team_that_scans_no_waybills_ships_with_the_first_scan(floor, member, scan):
    one, other = floor.packed(), floor.packed()
    make_freight(floor.warehouse, "YTO")
    to = reverse("desk:team-carrier", args=[floor.team.pk])
    member.client.post(to, {"carrier": "YTO"})
    assert tone(scan("ship", one.order.number)) == "ok"
    assert Allocation.objects.get(id=one.id).carrier == "YTO"
    member.client.post(to, {"carrier": "nobody"})
    scan("ship", other.order.number)
    assert Allocation.objects.get(id=other.id).carrier != "nobody"


@pytest.mark.parametrize(
    ("waybill", "says"),
    [
        ("own", "parcel&#x27;s own number"),
        ("other", "another parcel&#x27;s number"),
        ("used", "has this waybill"),
        ("¥!", "no waybill number"),
    ],
)
def test_a_wrong_waybill_is_refused_and_the_parcel_waits_for_the_right_one(floor, scan, waybill, says):
    one, other, used = floor.packed(), floor.packed(), floor.packed()
    Allocation.objects.filter(id=used.id).update(tracking_number="SF55555555")
    code = {"own": one.order.number, "other": other.order.number, "used": "SF55555555"}.get(waybill, waybill)
    answer = scan("ship", code, parcel=one.id)
    assert tone(answer) == "no"
    assert says in answer
    assert f'name="parcel" value="{one.id}"' in answer
    assert state(one) == State.PACKED


def test_wrong_parcels_say_what_to_do(floor, scan):
    fresh, picked, theirs = floor.assigned(), floor.picked(), floor.packed(team=floor.other)
    held, stopped, shipped = floor.packed(), floor.packed(), floor.packed()
    hold_orders([held.order_id], reason="wait", now=floor.now)
    cancel_orders([stopped.order_id], now=floor.now)
    scan("ship", "", parcel=shipped.id, without="1")
    for one, says in (
        (fresh, "Not accepted yet"),
        (picked, "Not packed yet"),
        (theirs, "Not this team&#x27;s"),
        (held, "on hold"),
        (stopped, "Stop: the order changed"),
        (shipped, "Shipped already"),
    ):
        answer = scan("ship", one.order.number)
        assert tone(answer) == "no"
        assert says in answer
    assert "No such number" in scan("ship", "nothing-known")
    assert "Nothing scanned" in scan("pack", "  ")


def test_a_scan_without_the_script_is_answered_on_the_page(floor, member):
    one = floor.picked()
    to = reverse("desk:team-scan", args=[floor.team.pk, "pack"])
    answer = member.client.post(to, {"code": one.order.number}, follow=True)
    assert answer.redirect_chain[0][0] == reverse("desk:team-pack", args=[floor.team.pk])
    assert "Packed ·" in answer.content.decode()
    assert state(one) == State.PACKED


def test_an_unknown_step_does_not_exist(floor, member):
    assert member.client.post(reverse("desk:team-scan", args=[floor.team.pk, "accept"])).status_code == 404


def test_every_symbol_of_code_128_has_its_width_and_is_unlike_the_others():
    rows = [WIDTHS[at : at + LONG] for at in range(0, len(WIDTHS), LONG)]
    assert len(rows) == len(set(rows)) == 106
    for row in rows:
        widths = [int(width) for width in row]
        assert sum(widths) == 11
        assert sum(widths[::2]) % 2 == 0
    assert sum(map(int, STOP)) == 13


@pytest.mark.parametrize("number", ["7", "42", "123", "12345678", "987654321"])
def test_a_bar_code_is_read_back_by_the_rules_of_the_standard(number):
    start, *values, check = symbols(number)
    assert check == (start + sum(place * value for place, value in enumerate(values, 1))) % 103
    read, code_c = "", start == 105
    for value in values:
        if value == 100 and code_c:
            code_c = False
        else:
            read += f"{value:02d}" if code_c else chr(value + 32)
    assert read == number
    assert f'aria-label="{number}"' in code128(number)
