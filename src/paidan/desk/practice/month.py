"""Playing the month: files are imported, waves run, teams work, lorries come, all through the ordinary services."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from django.db import connection

from paidan.allocation.retry import queue_retries
from paidan.allocation.warehouses import pause_warehouse, resume_warehouse
from paidan.allocation.wave import run_waves
from paidan.desk.imports import import_file
from paidan.network.models import Warehouse
from paidan.rules.services import publish_rules
from paidan.stock.models import Stock

from .clerk import work_a_day
from .files import write_network, write_orders, write_rules, write_stock
from .orders import CHINA, DAYS, PracticeOrder, month
from .rules import rule_set
from .shifts import hours_between, work_an_hour
from .supply import ORDINARY, PROMOTION, Pair, targets, wanted, with_shown

Progress = Callable[[int, int], None]
WAVES_AT = (time(9, 30), time(15, 0))
DESK_AT = time(11, 10)
PAUSED, PAUSED_BACK = "xa", 6
"""A warehouse without power for a day, and how many days ago."""
DELIVERY_DAYS = 7
EVE = -1
"""The period that the last delivery is for."""
PROMOTION_DELIVERY = time(20, 45)
"""On the evening before: after the last wave, when the teams go home."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens: a delivery, orders that come in with a wave after them, or an hour of work…"""

    at: datetime
    kind: str
    orders: tuple[PracticeOrder, ...] = ()
    period: int = 0


def load_network(folder: Path, now: datetime, days: int = DAYS) -> None:
    """Write and import all that orders and stock refer to, and publish the rules; as of the first of the days."""
    start = _midnight(now) - timedelta(days=days)
    for kind, path in write_network(folder, now.astimezone(CHINA).date()):
        bring_in(kind, path, start)
    write_rules(folder)
    publish_rules(rule_set(), now=start)


def bring_in(kind: str, path: Path, now: datetime) -> None:
    """Import one of our own files; none of its rows may be at fault."""
    report = import_file(kind, path, now=now)
    if report.rejects.rows:
        raise AssertionError(f"{path.name}: {report.rejects.sample[0]}")


def play(folder: Path, now: datetime, progress: Progress, days: int = DAYS) -> int:
    """Live through the month until the promotion's orders lie there, not yet allocated; answers how many orders came.

    Each order comes in with the first wave after it was paid; what comes after the last wave of yesterday comes now.
    """
    orders = month(now.astimezone(CHINA).date(), now, days)
    moments = list(_moments(orders, now, days))
    waves = 0
    for done, moment in enumerate(moments):
        progress(done, len(moments))
        match moment.kind:
            case "delivery":
                _deliver(folder, moment)
            case "work":
                work_an_hour(moment.at)
            case "desk":
                work_a_day(moment.at)
            case "pause":
                pause_warehouse(Warehouse.objects.get(code=PAUSED))
            case "resume":
                resume_warehouse(Warehouse.objects.get(code=PAUSED))
            case _:
                _take_in(folder, moment)
                queue_retries(now=moment.at)
                run_waves(now=moment.at)
                waves += 1
                if waves.bit_count() == 1:
                    _count_rows()
    last = max((m.at for m in moments if m.kind == "wave"), default=moments[0].at)
    _take_in(folder, Moment(now, "orders", tuple(order for order in orders if order.paid_at > last)))
    progress(len(moments), len(moments))
    return len(orders)


def _count_rows() -> None:
    """Tell the planner how large the tables have grown: weeks pass here before its own collector comes round once."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(CHINA).date(), time(), CHINA)


def _at(today: datetime, back: int, at: time) -> datetime:
    """A time of the day so many days before."""
    return datetime.combine((today - timedelta(days=back)).date(), at, CHINA)


def _moments(orders: Sequence[PracticeOrder], now: datetime, days: int) -> Iterator[Moment]:
    """Everything that happens before `now`, in order; nothing is taken in or allocated today before `now`."""
    today = _midnight(now)
    start = today - timedelta(days=days)
    found = [Moment(at, "work") for at in hours_between(start, now)]
    found += _deliveries(orders, start, today)
    found += [Moment(_at(today, PAUSED_BACK, time(8)), "pause"), Moment(_at(today, PAUSED_BACK - 1, time(8)), "resume")]
    previous = start
    for back in range(days, 0, -1):
        found.append(Moment(_at(today, back, DESK_AT), "desk"))
        for at in WAVES_AT:
            wave_at = _at(today, back, at)
            fresh = tuple(order for order in orders if previous < order.paid_at <= wave_at)
            found.append(Moment(wave_at, "wave", fresh))
            previous = wave_at
    return iter(sorted(found, key=lambda moment: moment.at))


def _deliveries(orders: Sequence[PracticeOrder], start: datetime, today: datetime) -> list[Moment]:
    """Every week what the week will need; on the eve of the promotion what the promotion will not quite need."""
    eve = _at(today, 1, PROMOTION_DELIVERY)
    begins = [start + timedelta(days=day, hours=7) for day in range(0, (today - start).days, DELIVERY_DAYS)]
    begins[0] = start
    ends = [*begins[1:], eve]
    found = [
        Moment(begin, "delivery", tuple(order for order in orders if begin <= order.paid_at < end), period)
        for period, (begin, end) in enumerate(zip(begins, ends, strict=True))
    ]
    return [*found, Moment(eve, "delivery", tuple(order for order in orders if order.paid_at >= eve), EVE)]


def _deliver(folder: Path, moment: Moment) -> None:
    """Fill up to what is wanted until the next delivery, by a count of what is then on the shelves."""
    buying = PROMOTION if moment.period == EVE else ORDINARY
    wished = with_shown(targets(wanted(moment.orders), buying, moment.period), moment.orders)
    held = _held()
    counts = {}
    for pair, target in wished.items():
        on_hand, free = held.get(pair, (0, 0))
        if free < target or pair not in held:
            counts[pair] = on_hand + max(0, target - free)
    path = write_stock(folder / "stock" / f"{_stamp(moment.at)}.csv", counts)
    bring_in("stock", path, moment.at)


def _held() -> dict[Pair, tuple[int, int]]:
    """What lies where, and what of it is free."""
    rows = Stock.objects.values_list("sku__code", "warehouse__code", "on_hand_qty", "reserved_qty", "safety_qty")
    return {(sku, place): (on_hand, on_hand - reserved - safe) for sku, place, on_hand, reserved, safe in rows}


def _take_in(folder: Path, moment: Moment) -> None:
    if moment.orders:
        path = write_orders(folder / "order" / f"{_stamp(moment.at)}.csv", moment.orders)
        bring_in("order", path, moment.at)


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d-%H%M}"
