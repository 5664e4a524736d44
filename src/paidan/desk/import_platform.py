"""Brings a platform's orders in: what is to be shipped by the intake, what is cancelled or refunded as a change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.allocation.cancelling import cancel_orders, record_refund_requests
from paidan.allocation.holds import release_orders
from paidan.kit.arrays import array_cursor
from paidan.kit.errors import Refusal
from paidan.kit.tables.rejects import summarise
from paidan.kit.tables.report import Outcome, Rejects
from paidan.kit.tables.sheet import Sheet
from paidan.network.models import Shop
from paidan.orders.checking.book import read_book
from paidan.orders.checking.kinds import REFUND_ASKED, Check
from paidan.orders.intake_fields import WITHHELD
from paidan.orders.intake_rows import sheet_of_rows
from paidan.orders.models import Hold, Order, OrderLine, PlatformWord
from paidan.orders.platforms import PLATFORMS
from paidan.orders.platforms.reading import Unreadable, read_orders
from paidan.orders.platforms.rows import rows_of
from paidan.orders.platforms.shapes import LineStanding, Platform, PlatformOrder, Standing

from .import_orders import store_orders
from .import_run import Run

AT_ONCE = 5_000
Lines = Mapping[str, frozenset[str]]
"""By the number of an order we have, the numbers of its lines."""
CAUSE = "platform"
"""The reason written beside what a platform cancelled."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('paidan.orders.platform', %s))"
_WORD = """
INSERT INTO orders_platformword (order_id, said_at)
SELECT id, at FROM unnest(%s, %s::timestamptz[]) AS n (id, at)
ON CONFLICT (order_id) DO UPDATE SET said_at = greatest(excluded.said_at, orders_platformword.said_at)
"""


@dataclass
class PlatformReport:
    """What became of a platform's orders. `skipped` are those with nothing to do here: unpaid, shipped, old news."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    cancelled: int = 0
    skipped: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    rejects: list[Rejects] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        return len(self.unreadable) + sum(one.rows for one in self.rejects)


def platform_named(code: str) -> Platform:
    if code not in PLATFORMS:
        said = _("There is no platform “%(given)s”. There are: %(known)s.")
        raise Refusal("unknown_platform", said, given=code, known=", ".join(PLATFORMS))
    return PLATFORMS[code]


def shop_named(code: str) -> Shop:
    found = Shop.objects.filter(code=code).first()
    if found is None:
        raise Refusal("unknown_shop", _("There is no shop “%(given)s”. Add it first."), given=code)
    return found


def import_platform(
    platform: Platform, shop: Shop, body: bytes, *, now: datetime, by: User | None = None, dry_run: bool = False
) -> PlatformReport:
    """Bring in every order of a platform's JSON, a few thousand at a time; the same again changes nothing."""
    report = PlatformReport()
    waiting: list[PlatformOrder] = []
    for one in read_orders(platform, body):
        if isinstance(one, Unreadable):
            report.unreadable.append(one)
            continue
        waiting.append(one)
        if len(waiting) == AT_ONCE:
            _bring_in(waiting, shop, report, Run(now, by, dry_run, None))
            waiting = []
    if waiting:
        _bring_in(waiting, shop, report, Run(now, by, dry_run, None))
    return report


def _bring_in(orders: Sequence[PlatformOrder], shop: Shop, report: PlatformReport, run: Run) -> None:
    """1. One at a time per shop, so that old news cannot overtake new. 2. Leave out what says nothing new.
    3. Store what is to be shipped. 4. Cancel, hold for a refund, release. 5. Remember when the platform said it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [shop.pk])
        latest = {order.number: order for order in orders}  # a file that has one twice means the later
        fresh = _news(latest.values(), shop)
        report.skipped += len(orders) - len(fresh)
        known = _ids(fresh, shop)
        _store(fresh, shop, _lines(known), report, run)
        known = _ids(fresh, shop)
        _follow(fresh, known, shop, report, run)
        _remember(fresh, known)
        if run.dry_run:
            transaction.set_rollback(True)


def _ids(orders: Iterable[PlatformOrder], shop: Shop) -> dict[str, int]:
    numbers = [order.number for order in orders]
    return dict(Order.objects.filter(shop=shop, number__in=numbers).values_list("number", "id"))


def _lines(known: dict[str, int]) -> Lines:
    """The line numbers we have of known orders."""
    found: dict[int, set[str]] = {key: set() for key in known.values()}
    for order, number in OrderLine.objects.filter(order__in=list(found)).values_list("order_id", "number"):
        found[order].add(number)
    return {number: frozenset(found[key]) for number, key in known.items()}


def _news(orders: Iterable[PlatformOrder], shop: Shop) -> list[PlatformOrder]:
    """Those that are not older than what the platform said before; messages overtake each other."""
    found = list(orders)
    words = PlatformWord.objects.filter(order__shop=shop, order__number__in=[order.number for order in found])
    said = dict(words.values_list("order__number", "said_at"))
    return [one for one in found if one.said_at is None or one.number not in said or one.said_at >= said[one.number]]


def _store(orders: Sequence[PlatformOrder], shop: Shop, known: Lines, report: PlatformReport, run: Run) -> None:
    """What is open goes through the intake; of an order we know, also what became of its lines since."""
    rows = []
    for order in orders:
        kept = known.get(order.number, frozenset())
        theirs = list(rows_of(order, shop.code, known=kept)) if _is_ours(order, known) else []
        rows += theirs
        report.skipped += not theirs and order.number not in known
    if not rows:
        return
    sheet = sheet_of_rows(rows, ZoneInfo(settings.DISPLAY_TIME_ZONE))
    outcome: Outcome = store_orders(sheet, Run(run.now, run.by, False, None))  # a dry run is undone as a whole
    report.created += outcome.created
    report.changed += outcome.changed
    report.unchanged += outcome.unchanged
    if sheet.faults.found:
        report.rejects.append(summarise(sheet, WITHHELD.code))
        report.sheets.append(sheet)


def _is_ours(order: PlatformOrder, known: Lines) -> bool:
    """Open, or paid on delivery; an order shipped elsewhere is nobody's here, and one we shipped does not change."""
    if order.standing is Standing.UNPAID:
        return order.payment == "cod"
    return order.standing in (Standing.OPEN, Standing.PART_SHIPPED) and (bool(order.lines) or order.number in known)


def _follow(
    orders: Sequence[PlatformOrder], known: dict[str, int], shop: Shop, report: PlatformReport, run: Run
) -> None:
    """What the platform says beside the pieces: cancelled, refund asked (where that is checked), refund withdrawn."""
    gone = [known[order.number] for order in orders if order.number in known and _is_over(order)]
    if gone:
        report.cancelled += len(cancel_orders(gone, reason=CAUSE, now=run.now, by=run.by).done)
    live = {known[order.number]: order for order in orders if order.number in known and not _is_over(order)}
    holds = Hold.objects.filter(order__in=live, reason=REFUND_ASKED)
    held = set(holds.filter(released_at=None).values_list("order_id", flat=True))
    settled = set(holds.filter(released_by__isnull=False).values_list("order_id", flat=True))
    asked = {key for key, order in live.items() if order.refund_asked}
    new = sorted(asked - held - settled)
    if new and read_book().is_on(Check.REFUND, shop.pk):
        record_refund_requests(new, now=run.now, by=run.by)
    if over := sorted(held - asked):
        release_orders(over, reason=REFUND_ASKED, now=run.now, by=run.by)


def _is_over(order: PlatformOrder) -> bool:
    """Cancelled, or nothing left of it: a buyer who was refunded for every line."""
    return order.standing is Standing.CANCELLED or (
        order.standing is Standing.OPEN
        and bool(order.lines)
        and all(line.standing is LineStanding.GONE for line in order.lines)
    )


def _remember(orders: Sequence[PlatformOrder], known: dict[str, int]) -> None:
    said = [(known[order.number], order.said_at) for order in orders if order.said_at and order.number in known]
    if said:
        ids, moments = zip(*sorted(said), strict=True)
        array_cursor().execute(_WORD, (np.array(ids, np.int64), list(moments)))
