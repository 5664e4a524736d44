"""What the people at the practice desk do every day: release, mend, map, cancel, move by hand, deal with exceptions."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import QuerySet

from paidan.accounts.models import User
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.changes import OrderChange, change_orders
from paidan.allocation.holds import hold_orders, release_orders
from paidan.allocation.intercepts import confirm_intercepts, refuse_intercepts
from paidan.allocation.mending import map_shop_code, mend_address
from paidan.allocation.models import Allocation
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.states import AllocationState
from paidan.catalog.models import Sku
from paidan.engine.codes import Reason
from paidan.network.models import Shop, Team
from paidan.orders.exceptions import report_exception, resolve_exception
from paidan.orders.models import Hold, Order, OrderException, OrderLine
from paidan.orders.states import ExceptionKind, OrderState

from .goods import best_sellers
from .orders import WAIT_FOR_US
from .people import mended
from .raw import spread

DAY = timedelta(days=1)
PATIENCE = 4 * DAY
"""How long a buyer waits for what cannot be had."""
MAPPED_AFTER = 8 * DAY
"""How long a new code waits until somebody says what it is; two of a shop's four never are."""
CHANGED_MINDS, HELD, BROKEN, LOST = 0.008, 0.004, 0.004, 0.003
MOST_MOVED = 4
ANSWERED = "客服已确认"


def person(name: str, first_name: str) -> User:
    """A colleague who cannot sign in: only their name stands in the events."""
    user, fresh = User.objects.get_or_create(username=name, defaults={"first_name": first_name})
    if fresh:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def work_a_day(now: datetime) -> None:
    """One round of the desk."""
    clerk, lead = person("clerk", "周"), person("lead", "林")
    _answer_intercepts(now, clerk)
    _answer_holds(now, clerk)
    _mend_addresses(now, clerk)
    _map_codes(now, clerk)
    _cancel(now, clerk)
    _hold(now, clerk)
    _resolve_exceptions(now, clerk)
    _report_exceptions(now, lead)
    _answer_hand_backs(now, lead)
    _move_by_hand(now, lead)


def _chosen(numbers: QuerySet[Order], purpose: str, part: float) -> list[int]:
    """The same orders each time, about this part of them."""
    return [key for key, number in numbers.values_list("id", "number") if spread(f"{purpose} {number}", 0, 1) < part]


def _answer_intercepts(now: datetime, clerk: User) -> None:
    """Of what teams were asked to stop, most could be stopped."""
    rows = OrderException.objects.filter(kind=ExceptionKind.INTERCEPT, resolved_at=None)
    asked = [key for key in rows.values_list("allocation_id", flat=True) if key]
    stopped = [key for key in asked if spread(f"stopped {key}", 0, 1) < 0.75]
    if stopped:
        confirm_intercepts(stopped, now=now, by=clerk)
    if late := [key for key in asked if key not in stopped]:
        refuse_intercepts(late, now=now, by=clerk)


def _answer_holds(now: datetime, clerk: User) -> None:
    """What customer service asked about yesterday is clear today, and the remark says so."""
    orders = set(Hold.objects.filter(released_at=None, held_at__lt=now - DAY / 2).values_list("order_id", flat=True))
    asked = Order.objects.filter(id__in=orders, seller_remark__contains=WAIT_FOR_US)
    answered = [OrderChange(key, {"seller_remark": ANSWERED}) for key in asked.values_list("id", flat=True)]
    change_orders(answered, now=now, by=clerk)
    if orders:
        release_orders(sorted(orders), now=now, by=clerk)


def _mend_addresses(now: datetime, clerk: User) -> None:
    """Buyers who answered told their whole address; the others are still asked."""
    waiting = Order.objects.filter(
        state=OrderState.UNALLOCATED, reason=int(Reason.ADDRESS_UNRESOLVED), received_at__lt=now - DAY
    )
    for key, address in waiting.order_by("id").values_list("id", "recipient__address"):
        if spread(f"answered {key} {now:%m%d}", 0, 1) < 0.5 and (whole := mended(address)):
            mend_address(key, address=whole, now=now, by=clerk)


def _map_codes(now: datetime, clerk: User) -> None:
    lines = OrderLine.objects.filter(sku=None, shop_code__regex="-NEW-[12]$", order__received_at__lt=now - MAPPED_AFTER)
    for shop_id, code in sorted(set(lines.values_list("order__shop_id", "shop_code"))):
        sku = Sku.objects.get(code=best_sellers()[int(spread(code, 0, 50))])
        map_shop_code(shop=Shop.objects.get(id=shop_id), code=code, sku=sku, now=now, by=clerk)


def _cancel(now: datetime, clerk: User) -> None:
    """Buyers who waited too long for what is not there, and a few who changed their minds."""
    waiting = Order.objects.filter(
        state__in=(OrderState.UNALLOCATED, OrderState.PARTIAL), received_at__lt=now - PATIENCE
    )
    tired = _chosen(waiting, f"tired {now:%m%d}", 0.4)
    if tired:
        cancel_orders(tired, now=now, by=clerk, reason="等不到，买家退款")
    fresh = Order.objects.filter(state=OrderState.ALLOCATED, received_at__gt=now - DAY)
    if regretted := _chosen(fresh, "regretted", CHANGED_MINDS):
        cancel_orders(regretted, now=now, by=clerk, reason="买家不想要了")


def _hold(now: datetime, clerk: User) -> None:
    fresh = Order.objects.filter(state=OrderState.ALLOCATED, received_at__gt=now - DAY)
    if doubtful := _chosen(fresh, "doubtful", HELD):
        hold_orders(doubtful, reason="买家要求改地址", now=now, by=clerk, until_at=now + DAY)


def _resolve_exceptions(now: datetime, clerk: User) -> None:
    kinds = (ExceptionKind.DAMAGED, ExceptionKind.NOT_FOUND)
    for row in OrderException.objects.filter(kind__in=kinds, resolved_at=None, opened_at__lt=now - DAY / 2):
        resolve_exception(
            row.id, resolution="已换货" if row.kind == ExceptionKind.DAMAGED else "已找到", now=now, by=clerk
        )


def _report_exceptions(now: datetime, lead: User) -> None:
    """Something broke, something was not on its shelf."""
    picked = Allocation.objects.filter(state__in=(AllocationState.ACCEPTED, AllocationState.PICKED))
    for key, order_id in picked.order_by("id").values_list("id", "order_id"):
        met = spread(f"met {key}", 0, 1)
        if met < BROKEN + LOST:
            kind = ExceptionKind.DAMAGED if met < BROKEN else ExceptionKind.NOT_FOUND
            note = "拣货时发现破损" if met < BROKEN else "货架上没有找到"
            report_exception(kind, order_id=order_id, allocation_id=key, note=note, now=now, by=lead)


def _answer_hand_backs(now: datetime, lead: User) -> None:
    """What a team gave back goes to a colleague team of the same warehouse."""
    back = OrderException.objects.filter(kind=ExceptionKind.HANDED_BACK, resolved_at=None)
    rows = Allocation.objects.filter(id__in=back.values("allocation_id"), state=AllocationState.ASSIGNED, frozen=False)
    for row in rows.select_related("warehouse", "team").order_by("id"):
        other = None if row.team is None else _colleagues(row.team)
        if other is not None:
            reassign_allocations([row.id], warehouse=row.warehouse, team=other, now=now, by=lead)


def _colleagues(team: Team) -> Team | None:
    """Another team of the same warehouse that takes whatever comes."""
    if team.warehouse_id is None:
        return None
    others = Team.objects.filter(warehouse_id=team.warehouse_id, skills=[], shops=None).exclude(id=team.pk)
    return others.order_by("id").first()


def _move_by_hand(now: datetime, lead: User) -> None:
    """The team with the longest queue gives its newest to a colleague team of the same warehouse."""
    waiting: dict[int, list[int]] = defaultdict(list)
    rows = Allocation.objects.filter(state=AllocationState.ASSIGNED, frozen=False, team__skills=[])
    for key, team_id in rows.order_by("id").values_list("id", "team_id"):
        waiting[team_id].append(key)
    for team_id, keys in sorted(waiting.items(), key=lambda item: (-len(item[1]), item[0])):
        team = Team.objects.select_related("warehouse").get(id=team_id)
        other = _colleagues(team)
        if other is not None and team.warehouse is not None and len(keys) > MOST_MOVED:
            newest = keys[-MOST_MOVED:]
            reassign_allocations(newest, warehouse=team.warehouse, team=other, now=now, by=lead)
            return
