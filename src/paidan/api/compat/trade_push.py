"""`trade_push`: trades come in by the one intake every order takes, and what the platform says has its consequences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.allocation.cancelling import cancel_orders, record_refund_requests
from paidan.allocation.holds import hold_orders, release_orders
from paidan.allocation.outcomes import Batch, refusal
from paidan.api.intake import push_orders
from paidan.api.schemas import OrderIn
from paidan.catalog.models import Sku
from paidan.network.models import Shop, ShopSku
from paidan.orders.checking.book import read_book
from paidan.orders.checking.kinds import REFUND_ASKED, UNPAID, Check
from paidan.orders.models import Hold, Order

from .calls import Call
from .errors import SOME_REFUSED, ProtocolError
from .trade_words import Fate, Trade, codes_in, read_trade

MOST = 50
PLATFORM_SHIPPED = "platform_shipped"
"""The reason of the hold on an order the platform calls shipped though we did not ship it."""
HARMLESS = {"already", "held", "finished", "not_held"}
"""Refusals of a push that says what is so already."""
SHOWN = 5


def trade_push(call: Call, most: int = MOST) -> dict[str, Any]:
    """Take up to 50 trades. Each stands for itself; the same again changes nothing.

    1. Read; a wrong one is refused with its field. 2. What is closed is cancelled, what the platform shipped is held.
    3. What must not be allocated yet (unpaid, a refund asked) is held before anything else. 4. All live ones go
    through the intake; the holds of what is paid by now end.
    """
    call.allow(Capability.IMPORT_FILES)
    push = _Push(call, call.shop())
    push.read(call.rows("trade_list", most), strict=call.number("switch", 1) != 0)
    push.close()
    push.keep_back()
    push.take()
    push.let_go()
    return push.answer()


class _Push:
    """One call at work: what was read, what is known, what was new, changed and refused, by tid."""

    def __init__(self, call: Call, shop: Shop) -> None:
        self.call, self.shop = call, shop
        self.trades: dict[str, Trade] = {}
        self.known: dict[str, int] = {}
        self.held: dict[int, set[str]] = {}
        self.new: set[str] = set()
        self.changed: set[str] = set()
        self.refused: dict[str, str] = {}
        book = read_book()
        self.holds_unpaid = book.is_on(Check.UNPAID, shop.pk)
        self.holds_refunds = book.is_on(Check.REFUND, shop.pk)

    def read(self, rows: Sequence[dict[str, Any]], *, strict: bool) -> None:
        """Read the trades, the last one of a tid; find out which are known here."""
        codes = self._known_codes({code for row in rows for code in codes_in(row)})
        for at, row in enumerate(rows):
            try:
                trade = read_trade(row, self.shop.code, strict=strict, known=codes)
            except ProtocolError as error:
                self.refused[str(row.get("tid") or f"trade_list[{at}]")] = str(error)
            else:
                self.trades[trade.tid] = trade
        orders = Order.objects.filter(shop=self.shop, number__in=list(self.trades))
        self.known = dict(orders.values_list("number", "id"))
        holds = Hold.objects.filter(order_id__in=list(self.known.values()), released_at=None)
        for order_id, reason in holds.values_list("order_id", "reason"):
            self.held.setdefault(order_id, set()).add(reason)

    def close(self) -> None:
        """Cancel what the platform closed or paid back; keep what it calls shipped out of allocation."""
        self._act(self._ids(Fate.CLOSED), cancel_orders)
        self._act(self._ids(Fate.SHIPPED), hold_orders, reason=PLATFORM_SHIPPED)

    def keep_back(self) -> None:
        """Hold known orders that are unpaid (again), or whose buyers want their money back; where that is checked."""
        if self.holds_unpaid:
            self._act(self._ids(Fate.UNPAID), hold_orders, reason=UNPAID)
        if not self.holds_refunds:
            return
        asked = [trade.tid for trade in self._of(Fate.LIVE) if trade.refund_asked]
        fresh = [self.known[tid] for tid in asked if tid in self.known and not self._has(tid, REFUND_ASKED)]
        self._act(fresh, record_refund_requests)

    def take(self) -> None:
        """Bring in what is to be allocated, and, each with its hold in one transaction, what is to wait."""
        waiting = [
            one
            for one in (*self._of(Fate.UNPAID), *self._of(Fate.LIVE))
            if one.tid not in self.known and self._waits(one)
        ]
        apart = {one.tid for one in waiting}
        live = [one for one in (*self._of(Fate.LIVE), *self._of(Fate.UNPAID)) if one.tid not in apart]
        self._store([one.order for one in live if one.order])
        for trade in waiting:
            with transaction.atomic():
                [order_id] = self._store([trade.order] if trade.order else []) or [0]
                if order_id:
                    unpaid = trade.fate is Fate.UNPAID and self.holds_unpaid
                    reason = UNPAID if unpaid else REFUND_ASKED
                    hold_orders([order_id], reason=reason, now=self.call.now, by=self.call.user)

    def let_go(self) -> None:
        """End the holds that no longer have a cause."""
        live = [trade for trade in self._of(Fate.LIVE) if trade.tid in self.known]
        for reason, over in (
            (UNPAID, live),
            (PLATFORM_SHIPPED, live),
            (REFUND_ASKED, [trade for trade in live if trade.refund_asked is False]),
        ):
            self._act(
                [self.known[one.tid] for one in over if self._has(one.tid, reason)], release_orders, reason=reason
            )

    def answer(self) -> dict[str, Any]:
        counts = {"new_count": len(self.new), "chg_count": len(self.changed - self.new)}
        if not self.refused:
            return counts
        shown = "; ".join(f"{tid}: {why}" for tid, why in list(self.refused.items())[:SHOWN])
        words = {"count": len(self.refused), "of": len({*self.refused, *self.trades}), "shown": shown}
        sentence = _("%(count)d of %(of)d trades were refused, the others came in. %(shown)s") % words
        listed = [{"tid": tid, "error": why} for tid, why in self.refused.items()]
        raise ProtocolError(SOME_REFUSED, sentence, **counts, error_list=listed)

    def _waits(self, trade: Trade) -> bool:
        """Whether a new trade must not be allocated yet."""
        if trade.fate is Fate.UNPAID and self.holds_unpaid:
            return True
        return bool(trade.refund_asked) and self.holds_refunds

    def _of(self, fate: Fate) -> list[Trade]:
        return [trade for trade in self.trades.values() if trade.fate is fate]

    def _ids(self, fate: Fate) -> list[int]:
        return [self.known[trade.tid] for trade in self._of(fate) if trade.tid in self.known]

    def _has(self, tid: str, reason: str) -> bool:
        return reason in self.held.get(self.known.get(tid, 0), ())

    def _act(self, ids: Sequence[int], service: Any, **named: Any) -> None:
        """Do something to known orders; what is so already is no fault."""
        if not ids:
            return
        batch: Batch = service(ids, now=self.call.now, by=self.call.user, **named)
        tid_of = {order_id: tid for tid, order_id in self.known.items()}
        self.changed |= {tid_of[order_id] for order_id in batch.done}
        for order_id, code in batch.refused.items():
            if code not in HARMLESS:
                self.refused[tid_of[order_id]] = str(refusal(code, tid_of[order_id]))

    def _store(self, orders: Sequence[OrderIn]) -> list[int]:
        if not orders:
            return []
        found = push_orders(orders, by=self.call.user, now=self.call.now)
        for one in found.orders:
            if one.result == "rejected":
                self.refused[one.number] = "; ".join(f"{fault.detail} {fault.remedy}" for fault in one.errors)
            elif one.result in ("created", "changed"):
                (self.new if one.result == "created" else self.changed).add(one.number)
        return [one.id for one in found.orders if one.id is not None]

    def _known_codes(self, codes: Iterable[str]) -> frozenset[str]:
        asked = list(codes)
        ours = Sku.objects.filter(code__in=asked).values_list("code", flat=True)
        theirs = ShopSku.objects.filter(shop=self.shop, code__in=asked).values_list("code", flat=True)
        return frozenset(ours) | frozenset(theirs)
