"""What can be done on the page of one order: small dialogs and plain buttons, each one service call, logged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import address_of, record_change
from paidan.accounts.models import User
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.changes import OrderChange, change_order
from paidan.allocation.explain import explain_order
from paidan.allocation.holds import hold_orders, release_orders
from paidan.allocation.mending import map_shop_code, mend_address
from paidan.allocation.merging import unmerge_orders
from paidan.allocation.models import Allocation
from paidan.allocation.outcomes import Batch
from paidan.allocation.returning import give_back_of_held
from paidan.allocation.splitting import plan_split, split_once
from paidan.allocation.states import AllocationState
from paidan.allocation.tagging import tag_orders, untag_orders
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
from paidan.catalog.models import Sku
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal
from paidan.network.models import Warehouse
from paidan.network.scopes import scope_of, visible_warehouses
from paidan.orders.exceptions import report_exception, resolve_exception
from paidan.orders.models import Order, OrderException
from paidan.orders.states import ExceptionKind
from paidan.web.forms import PaidanForm
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .batch_assign import Assign, AssignForm, CarrierForm, ChangeCarrier
from .batch_base import Outcome, sentence
from .batch_state import CancelForm, ExceptionForm, HoldForm, TagForm
from .queries import may_see
from .rows import REASON_WORDS
from .ways_out import held_stock

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Asked:
    """What an act is asked: which order, by whom, with what."""

    request: HttpRequest
    order: Order
    user: User
    values: dict[str, Any]

    @property
    def now(self) -> Any:
        return timezone.now()

    def warehouse(self) -> Warehouse:
        """The warehouse the address names, within the reader's scope."""
        word = self.request.GET.get("warehouse", "")
        if not word.isdecimal():
            raise Http404
        return cast(Warehouse, get_object_or_404(visible_warehouses(self.user), pk=int(word)))

    def log(self, action: str, **others: object) -> None:
        values: Any = others
        record_change(action, by=self.user, now=self.now, of=self.order, address=address_of(self.request), **values)


Act = Callable[[Asked], "str | HttpResponse"]
FormOf = Callable[[Asked, Any], forms.Form]


def order_in_scope(user: User, order_id: int, **_captured: object) -> bool:
    return may_see(user, order_id)


def asked_of(request: HttpRequest, order_id: int) -> Asked:
    order = get_object_or_404(Order.objects.select_related("shop"), pk=order_id)
    return Asked(request, order, cast(User, request.user), {})


def button(name: str, capability: Capability, act: Act) -> URLPattern:
    """A plain button: POST does it, the answer is the order's page again with a toast."""

    def view(request: HttpRequest, order_id: int) -> HttpResponse:
        asked = asked_of(request, order_id)
        try:
            said = act(asked)
        except Refusal as refusal:
            toast(request, str(refusal), bad=True)
        else:
            if isinstance(said, HttpResponse):
                return said
            toast(request, said)
        return go(request, "desk:order", order_id)

    guard = page(capability, methods=("POST",), scope=order_in_scope)
    return path(f"orders/<int:order_id>/{name}/", guard(view), name=f"order-{name}")


def dialog(name: str, capability: Capability, form_of: FormOf, title: Words, verb: Words, act: Act) -> URLPattern:
    """A dialog: GET brings the form, POST does it; what is wrong comes back in the form."""

    def view(request: HttpRequest, order_id: int) -> HttpResponse:
        asked = asked_of(request, order_id)
        form = form_of(asked, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                said = act(Asked(request, asked.order, asked.user, form.cleaned_data))
            except Refusal as refusal:
                form.add_error(refusal.pointer if refusal.pointer in form.fields else None, str(refusal))
            else:
                if isinstance(said, HttpResponse):
                    return said
                toast(request, said)
                return go(request, "desk:order", order_id)
        context: dict[str, Any] = {"form": form, "title": title, "button": verb, "url": request.get_full_path()}
        if not request.headers.get("HX-Request"):
            context |= {"heading": title, "crumbs": [(asked.order.number, reverse("desk:order", args=[order_id]))]}
            return render(request, "web/form.html", context)
        return render(request, "desk/orders/dialog.html", context)

    guard = page(capability, methods=("GET", "POST"), scope=order_in_scope)
    return path(f"orders/<int:order_id>/{name}/", guard(view), name=f"order-{name}")


def plain_form(form_class: type[forms.Form]) -> FormOf:
    return lambda _asked, data: form_class(data)


def or_refuse(asked: Asked, outcome: Batch | Outcome) -> None:
    """Turn the refusal of this one order (or of an allocation of it) into the sentence that says why."""
    for code in outcome.refused.values():
        raise Refusal(code, sentence(code, asked.order.number).replace("%", "%%"))


# Deciding where it goes.


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


# Mending it.


class MapForm(PaidanForm):
    sku = forms.CharField(label=gettext_lazy("SKU"), max_length=64, help_text=gettext_lazy("The SKU's code"))

    def clean_sku(self) -> Sku:
        sku = Sku.objects.filter(code__iexact=self.cleaned_data["sku"].strip()).first()
        if sku is None:
            raise forms.ValidationError(_("No SKU has this code."))
        return sku


@transaction.atomic
def map_sku(asked: Asked) -> str:
    code = asked.request.GET.get("code", "")
    mapped = map_shop_code(shop=asked.order.shop, code=code, sku=asked.values["sku"], now=asked.now, by=asked.user)
    asked.log("shop_sku.mapped", code=code, sku=asked.values["sku"].code, orders=mapped.orders)
    said = ngettext(
        "%(code)s is %(sku)s now; %(number)d order is tried again.",
        "%(code)s is %(sku)s now; %(number)d orders are tried again.",
        mapped.orders,
    )
    return said % {"code": code, "sku": asked.values["sku"].code, "number": mapped.orders}


class AddressForm(PaidanForm):
    province = forms.CharField(label=gettext_lazy("Province"), max_length=60, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=60, required=False)
    district = forms.CharField(label=gettext_lazy("District"), max_length=60, required=False)
    address = forms.CharField(label=gettext_lazy("Street and house"), max_length=500, required=False)


def address_form(asked: Asked, data: Any) -> forms.Form:
    """What is known of the place; the street is the buyer's and stays masked, so an empty one is left as it is."""
    to = getattr(asked.order, "recipient", None)
    initial = {name: getattr(to, name, "") for name in ("province", "city", "district")}
    return AddressForm(data, initial=initial)


@transaction.atomic
def fix_address(asked: Asked) -> str:
    mend_address(asked.order.pk, **asked.values, now=asked.now, by=asked.user)
    asked.log("order.address_fixed", **{k: v for k, v in asked.values.items() if v and k != "address"})
    return _("The address is known now; the order is tried again.")


class RemarkForm(PaidanForm):
    seller_remark = forms.CharField(
        label=gettext_lazy("Our remark"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@transaction.atomic
def remark(asked: Asked) -> str:
    change_order(OrderChange(asked.order.pk, values=dict(asked.values)), now=asked.now, by=asked.user)
    asked.log("order.remark_changed", length=len(asked.values["seller_remark"]))
    return _("Remark saved.")


# Holding, tagging, cancelling.


@transaction.atomic
def hold(asked: Asked) -> str:
    values = asked.values
    batch = hold_orders(
        [asked.order.pk],
        reason=values["reason"],
        until_at=values["until"],
        give_back=values["give_back"],
        now=asked.now,
        by=asked.user,
    )
    or_refuse(asked, batch)
    asked.log("order.held", reason=values["reason"])
    return _("On hold.")


@transaction.atomic
def release(asked: Asked) -> str:
    or_refuse(asked, release_orders([asked.order.pk], now=asked.now, by=asked.user))
    asked.log("order.released")
    return _("Released.")


@transaction.atomic
def tag(asked: Asked) -> str:
    or_refuse(asked, tag_orders([asked.order.pk], tag=asked.values["tag"], now=asked.now, by=asked.user))
    asked.log("order.tagged", tag=asked.values["tag"])
    return _("Tagged %(tag)s.") % asked.values


@transaction.atomic
def untag(asked: Asked) -> str:
    word = asked.request.GET.get("tag", "")
    or_refuse(asked, untag_orders([asked.order.pk], tag=word, now=asked.now, by=asked.user))
    asked.log("order.untagged", tag=word)
    return _("Tag %(tag)s taken off.") % {"tag": word}


@transaction.atomic
def cancel(asked: Asked) -> str:
    or_refuse(asked, cancel_orders([asked.order.pk], reason=asked.values["reason"], now=asked.now, by=asked.user))
    asked.log("order.cancelled", reason=asked.values["reason"])
    return _("Cancelled; what a team has begun is asked back.")


@transaction.atomic
def unmerge(asked: Asked) -> HttpResponse | str:
    target = asked.order.merged_into_id or asked.order.pk
    batch = unmerge_orders([target], now=asked.now, by=asked.user)
    or_refuse(asked, batch)
    asked.log("order.unmerged", orders=len(batch.created))
    return _("Taken apart again.")


@transaction.atomic
def carrier(asked: Asked) -> str:
    or_refuse(asked, ChangeCarrier().run(asked.user, [asked.order.pk], asked.values, asked.now))
    asked.log("order.carrier_changed", carrier=asked.values["carrier"])
    return _("Goes with %(carrier)s.") % asked.values


# Exceptions.


@transaction.atomic
def open_exception(asked: Asked) -> str:
    kind = ExceptionKind(asked.values["kind"])
    report_exception(kind, order_id=asked.order.pk, note=asked.values["note"], now=asked.now, by=asked.user)
    asked.log("order.exception_opened", kind=int(kind))
    return _("Marked as exception.")


class ResolveForm(PaidanForm):
    resolution = forms.CharField(label=gettext_lazy("How it ended"), max_length=500)


@transaction.atomic
def resolve(asked: Asked) -> str:
    word = asked.request.GET.get("exception", "")
    found = get_object_or_404(OrderException, pk=int(word) if word.isdecimal() else 0, order=asked.order)
    if found.kind == ExceptionKind.INTERCEPT:
        raise Refusal("intercept", gettext_lazy("The team settles an intercept: it confirms or refuses it."))
    if not resolve_exception(found.pk, resolution=asked.values["resolution"], now=asked.now, by=asked.user):
        raise Refusal("resolved", gettext_lazy("Somebody has settled it already."))
    asked.log("order.exception_resolved", kind=found.kind)
    return _("Settled.")


# Its allocations.

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


# Personal data.


class RevealForm(PaidanForm):
    reason = forms.CharField(
        label=gettext_lazy("Why you need it"), max_length=200, help_text=gettext_lazy("Your look is logged.")
    )


@transaction.atomic
def reveal(asked: Asked) -> HttpResponse:
    asked.log("buyer.revealed", reason=asked.values["reason"])
    to = getattr(asked.order, "recipient", None)
    return render(asked.request, "desk/orders/revealed.html", {"to": to, "order": asked.order})


C = Capability
urlpatterns = [
    button("allocate", C.CHANGE_ORDERS, allocate),
    dialog(
        "assign",
        C.ASSIGN_ORDERS,
        lambda asked, data: AssignForm(asked.user, data),
        gettext_lazy("Choose warehouse and team"),
        gettext_lazy("Assign"),
        assign,
    ),
    button("assign-to", C.ASSIGN_ORDERS, assign_to),
    button("split", C.ASSIGN_ORDERS, split),
    button("give-back", C.HOLD_ORDERS, give_back),
    button("resume", C.PAUSE_WAREHOUSES, resume),
    dialog(
        "map-sku",
        C.CHANGE_ORDERS,
        plain_form(MapForm),
        gettext_lazy("Which SKU is it?"),
        gettext_lazy("Map and try again"),
        map_sku,
    ),
    dialog(
        "address",
        C.CHANGE_ORDERS,
        address_form,
        gettext_lazy("Fix the address"),
        gettext_lazy("Save and try again"),
        fix_address,
    ),
    dialog(
        "remark",
        C.CHANGE_ORDERS,
        lambda asked, data: RemarkForm(data, initial={"seller_remark": asked.order.seller_remark}),
        gettext_lazy("Our remark"),
        gettext_lazy("Save remark"),
        remark,
    ),
    dialog(
        "hold",
        C.HOLD_ORDERS,
        plain_form(HoldForm),
        gettext_lazy("Hold the order"),
        gettext_lazy("Hold"),
        hold,
    ),
    button("release", C.HOLD_ORDERS, release),
    dialog(
        "tag",
        C.CHANGE_ORDERS,
        plain_form(TagForm),
        gettext_lazy("Tag the order"),
        gettext_lazy("Tag"),
        tag,
    ),
    button("untag", C.CHANGE_ORDERS, untag),
    dialog(
        "cancel",
        C.CANCEL_ORDERS,
        plain_form(CancelForm),
        gettext_lazy("Cancel the order"),
        gettext_lazy("Cancel the order"),
        cancel,
    ),
    button("unmerge", C.MERGE_ORDERS, unmerge),
    dialog(
        "carrier",
        C.CHANGE_ORDERS,
        plain_form(CarrierForm),
        gettext_lazy("Change the carrier"),
        gettext_lazy("Change"),
        carrier,
    ),
    dialog(
        "exception",
        C.RESOLVE_EXCEPTIONS,
        plain_form(ExceptionForm),
        gettext_lazy("Mark as exception"),
        gettext_lazy("Mark"),
        open_exception,
    ),
    dialog(
        "resolve",
        C.RESOLVE_EXCEPTIONS,
        plain_form(ResolveForm),
        gettext_lazy("Settle the exception"),
        gettext_lazy("Settle"),
        resolve,
    ),
    button("step", C.WORK_ALLOCATIONS, step),
    dialog("ship", C.WORK_ALLOCATIONS, plain_form(ShipForm), gettext_lazy("Ship"), gettext_lazy("Ship"), ship),
    button("take-back", C.ASSIGN_ORDERS, take_back),
    dialog(
        "reveal",
        C.REVEAL_BUYER,
        plain_form(RevealForm),
        gettext_lazy("Show the buyer's data"),
        gettext_lazy("Show"),
        reveal,
    ),
]
