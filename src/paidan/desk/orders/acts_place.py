"""What decides where one order goes, and what its allocations do next."""

from collections.abc import Callable

from django import forms
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.explain import explain_order
from paidan.allocation.models import Allocation
from paidan.allocation.outcomes import Batch
from paidan.allocation.returning import give_back_of_held
from paidan.allocation.splitting import plan_split, split_once
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    cancel_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.allocation.trying import try_now
from paidan.allocation.warehouses import resume_warehouse
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal
from paidan.network.models import Warehouse
from paidan.network.scopes import scope_of, visible_warehouses
from paidan.web.forms import PaidanForm

from .acts_frame import Asked, or_refuse
from .batch_assign import Assign
from .batch_base import sentence
from .queries import visible_orders
from .rows import REASON_WORDS
from .ways_out import held_stock


def allocate(asked: Asked) -> str:
    trial = try_now([asked.order.pk], now=asked.now)
    for code in trial.refused.values():
        raise Refusal(code, sentence(code, asked.order.number).replace("%", "%%"))
    asked.log("order.allocated", served=len(trial.served))
    if trial.served:
        return _("Allocated.")
    reason = next(iter(trial.failed.values()), 0)
    raise Refusal("stuck", gettext_lazy("Tried without success: %(reason)s"), reason=REASON_WORDS.get(reason, ""))


@transaction.atomic
def assign(asked: Asked) -> str:
    choices = {key: getattr(value, "pk", value) for key, value in asked.values.items()}
    outcome = Assign().run(asked.user, [asked.order.pk], choices, asked.now)
    or_refuse(asked, outcome)
    asked.log("order.assigned", warehouse=choices["warehouse"], team=choices.get("team"))
    return _("Goes to %(warehouse)s.") % {"warehouse": Warehouse.objects.get(pk=choices["warehouse"])}


@transaction.atomic
def assign_to(asked: Asked) -> str:
    warehouse = asked.warehouse()
    if asked.request.GET.get("partial"):
        assign_by_hand(asked.order.pk, warehouse=warehouse, now=asked.now, by=asked.user, partial=True)
    else:
        or_refuse(asked, Assign().run(asked.user, [asked.order.pk], {"warehouse": warehouse.pk}, asked.now))
    asked.log("order.assigned", warehouse=warehouse.pk, partial=bool(asked.request.GET.get("partial")))
    return _("Goes to %(warehouse)s.") % {"warehouse": warehouse}


def split(asked: Asked) -> str:
    of = explain_order(asked.order.pk, now=asked.now)
    reach = set(visible_warehouses(asked.user).values_list("pk", flat=True))
    able = [c for c in of.candidates if c.reason != Reason.PAUSED and c.warehouse_id in reach]
    shares = plan_split(of.lines, able)
    if not shares:
        raise Refusal("stock_short", gettext_lazy("The warehouses no longer have it together."))
    with transaction.atomic():
        pieces = {share.candidate.warehouse_id: share.pieces for share in shares}
        split_once(asked.order.pk, pieces, now=asked.now, by=asked.user)
        asked.log("order.split", parcels=len(shares))
    return _("Split into %(number)d parcels.") % {"number": len(shares)}


def give_back(asked: Asked) -> str:
    warehouse = asked.warehouse()
    found = held_stock(explain_order(asked.order.pk, now=asked.now))
    if found is None or found[0].warehouse_id != warehouse.pk:
        raise Refusal("nothing_kept", gettext_lazy("Held orders no longer keep enough of it there."))
    keepers = set(Allocation.objects.filter(pk__in=found[1].allocation_ids).values_list("order_id", flat=True))
    if visible_orders(asked.user).filter(pk__in=keepers).count() != len(keepers):
        raise Refusal("not_yours", gettext_lazy("Orders outside your shops keep it; ask an operations lead."))
    with transaction.atomic():
        or_refuse(asked, give_back_of_held(found[1].allocation_ids, now=asked.now, by=asked.user))
        assign_by_hand(asked.order.pk, warehouse=warehouse, now=asked.now, by=asked.user)
        asked.log("order.assigned", warehouse=warehouse.pk, given_back=found[1].qty)
    return _("Goes to %(warehouse)s.") % {"warehouse": warehouse}


def resume(asked: Asked) -> str:
    warehouse = asked.warehouse()
    waiting = resume_warehouse(warehouse)
    record_change("warehouse.resumed", by=asked.user, now=asked.now, of=warehouse)
    said = ngettext("%(number)d order is tried again.", "%(number)d orders are tried again.", waiting or 0)
    return said % {"number": waiting or 0}


STEPS: dict[int, Callable[..., Batch]] = {
    AllocationState.ASSIGNED: accept_allocations,
    AllocationState.ACCEPTED: pick_allocations,
    AllocationState.PICKED: pack_allocations,
}


def allocation_of(asked: Asked) -> Allocation:
    """The allocation the address names: of this order, and within the reader's scope."""
    word, scope = asked.request.GET.get("allocation", ""), scope_of(asked.user)
    found = Allocation.objects.filter(scope.condition(warehouse="warehouse_id", team="team_id"), order=asked.order)
    return get_object_or_404(found, pk=int(word) if word.isdecimal() else 0)


@transaction.atomic
def step(asked: Asked) -> str:
    allocation = allocation_of(asked)
    do = STEPS.get(allocation.state)
    if do is None:
        raise Refusal("wrong_state", sentence("wrong_state", str(allocation.pk)))
    or_refuse(asked, do([allocation.pk], now=asked.now, by=asked.user))
    asked.log("allocation.stepped", allocation=allocation.pk, before=None)
    return _("Done.")


class ShipForm(PaidanForm):
    carrier = forms.CharField(label=gettext_lazy("Carrier"), max_length=40, required=False)
    tracking_number = forms.CharField(label=gettext_lazy("Tracking number"), max_length=64)


@transaction.atomic
def ship(asked: Asked) -> str:
    allocation = allocation_of(asked)
    sent = Shipment(allocation.pk, asked.values["carrier"], asked.values["tracking_number"])
    or_refuse(asked, ship_allocations([sent], now=asked.now, by=asked.user))
    asked.log("allocation.shipped", allocation=allocation.pk, tracking_number=sent.tracking_number)
    return _("Shipped.")


@transaction.atomic
def take_back(asked: Asked) -> str:
    allocation = allocation_of(asked)
    force = asked.user.can(Capability.FORCE_REASSIGN)
    or_refuse(asked, cancel_allocations([allocation.pk], now=asked.now, by=asked.user, force=force))
    asked.log("allocation.cancelled", allocation=allocation.pk)
    return _("Taken back; the order is tried again.")
