"""The report's figures the slow way: from each order's own rows and events, one at a time, in plain Python.

It shares no line with what it checks: states come from the event log, buckets from their definition.
"""

from bisect import bisect_right
from collections import defaultdict
from math import ceil
from zoneinfo import ZoneInfo

from paidan.allocation.models import Allocation
from paidan.orders.models import Event, Hold, Order, OrderException
from paidan.orders.states import EventKind

EDGES = [0, *(ceil(60 * 2 ** ((k - 1) / 4)) for k in range(1, 64))]
ORDER_STATES = {1: "pending_n", 2: "stuck_n", 3: "stuck_n", 4: "allocated_n", 5: "fulfilled_n", 6: "cancelled_n",
                7: "merged_n"}  # fmt: skip


def province(region):
    return region if region < 100_000 else region // 10_000 * 10_000


def local(at, zone):
    there = at.astimezone(ZoneInfo(zone))
    return there.date(), there.hour


def seconds(begin, end):
    return max(0, (end - begin).days * 86_400 + (end - begin).seconds)


def last_states(events):
    found = {}
    for event in events:
        if event.allocation_id is None:
            found["order"] = event.state
        else:
            found[event.allocation_id] = event.state
    return found


def order_facts(zone):
    """(day, {dimension: value}, measures) of every order."""
    found = []
    for order in Order.objects.order_by("id"):
        day, hour = local(order.paid_at or order.received_at, zone)
        held = Hold.objects.filter(order=order, released_at=None).exists()
        measures = defaultdict(int, received_n=1, amount_minor=order.amount_minor)
        measures["held_n"] = int(held)
        if not held or order.state == 5:
            measures[ORDER_STATES[order.state]] += 1
        measures["troubled_n"] = int(OrderException.objects.filter(order=order, resolved_at=None).exists())
        reason = 13 if held else order.reason if order.state in (2, 3) else None
        where = {"hour": hour, "shop": order.shop_id, "region": province(order.region), "reason": reason}
        found.append((order.id, day, where, measures, {}))
    return found


def allocation_facts(now):
    found = []
    for order in Order.objects.order_by("id"):
        events = list(Event.objects.filter(order=order).order_by("id"))
        states, seen = last_states(events), set()
        rows = list(Allocation.objects.filter(order=order).select_related("warehouse", "rule").order_by("id"))
        live = [row for row in rows if states[row.id] <= 5]
        for row in rows:
            came = order.paid_at or order.received_at
            day, hour = local(came, row.warehouse.timezone)
            code = row.rule.code if row.rule else ""
            where = {"hour": hour, "warehouse": row.warehouse_id, "team": row.team_id or 0, "shop": order.shop_id,
                     "rule": code, "region": province(order.region)}  # fmt: skip
            found.append(
                (order.id, day, where, *of_allocation(order, row, events, states[row.id], live, seen, came, now))
            )
    return found


def of_allocation(order, row, events, state, live, seen, came, now):
    measures, spans = defaultdict(int), {}
    born = next(event for event in events if event.allocation_id == row.id and event.kind == EventKind.ASSIGNED)
    measures["in_n"] = int(bool(born.detail and "replaces" in born.detail))
    mine = [one for one in events if one.allocation_id == row.id]
    measures["problems_n"] = OrderException.objects.filter(allocation_id=row.id).count()
    if state == 6:
        measures["gone_n"] = 1
    if state == 7:
        measures["out_n"] = 1
    if state > 5:
        return measures, spans
    measures["auto_n" if row.wave_id else "hand_n"] = 1
    measures[{1: "waiting_n", 5: "shipped_n"}.get(state, "progress_n")] = 1
    measures["freight_minor"] = row.freight_minor
    if row.distance_m is not None:
        measures["measured_n"], measures["distance_m"] = 1, row.distance_m
    measures["split_n"] = int(len(live) > 1)
    for name, key in (("orders_n", ()), ("orders_w_n", ("w", row.warehouse_id)), ("orders_t_n", ("t", row.team_id)),
                      ("orders_r_n", ("r", row.rule.code if row.rule else None))):  # fmt: skip
        measures[name] = int((name, key) not in seen)
        if name == "orders_n":
            measures["split_orders_n"] = int(measures[name] and len(live) > 1)
        seen.add((name, key))
    spans["to_allocated"] = seconds(came, born.at)
    taken = [event.at for event in mine if event.kind == EventKind.ACCEPTED]
    sent = [event.at for event in mine if event.kind == EventKind.SHIPPED]
    if state >= 2 and taken:
        spans["to_accepted"] = seconds(born.at, taken[-1])
    if sent:
        spans["whole"] = seconds(came, sent[-1])
        if taken:
            spans["to_shipped"] = seconds(taken[-1], sent[-1])
    if order.ship_by_at and sent:
        measures["due_n"], measures["on_time_n"] = 1, int(sent[-1] <= order.ship_by_at)
    elif order.ship_by_at and order.ship_by_at < now:
        measures["due_n"] = measures["overdue_n"] = 1
    for name, length in spans.items():
        measures[f"{name}_s"] = length
    return measures, spans


class Sums:
    """What the facts of one row of a report come to."""

    def __init__(self):
        self.measures, self.counts, self.served = defaultdict(int), defaultdict(lambda: defaultdict(int)), set()

    def add(self, order_id, measures, spans):
        for name, number in measures.items():
            self.measures[name] += number
        for name, length in spans.items():
            self.counts[name][bisect_right(EDGES, length) - 1] += 1
        if measures["auto_n"] + measures["hand_n"]:
            self.served.add(order_id)


def sums(facts, by, only, first, last, into=None):
    """{value: Sums} of the facts in these days that fulfil `only`."""
    found = {} if into is None else into
    for order_id, day, where, measures, spans in facts:
        if not first <= day <= last or any(where.get(name) != value for name, value in only.items()):
            continue
        if by and where.get(by) is None:
            continue
        found.setdefault(where[by] if by else 0, Sums()).add(order_id, measures, spans)
    return found
