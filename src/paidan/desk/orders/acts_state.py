"""What changes one order itself: mending, holding, tagging, cancelling, its exceptions, and who sees its buyer."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.changes import OrderChange, change_order
from paidan.allocation.holds import hold_orders, release_orders
from paidan.allocation.mending import map_shop_code, mend_address
from paidan.allocation.merging import merge_orders, unmerge_orders
from paidan.allocation.outcomes import Batch
from paidan.allocation.tagging import tag_orders, untag_orders
from paidan.catalog.models import Sku
from paidan.kit.errors import Refusal
from paidan.orders.checking.kinds import Check
from paidan.orders.exceptions import report_exception, resolve_exception
from paidan.orders.models import Hold, OrderException
from paidan.orders.states import ExceptionKind
from paidan.web.forms import PaidanForm

from .acts_frame import Asked, or_refuse
from .batch_assign import ChangeCarrier
from .queries import may_see


class MapForm(PaidanForm):
    sku = forms.CharField(
        label=gettext_lazy("SKU"), max_length=200, help_text=gettext_lazy("Its code, or its whole name")
    )

    def clean_sku(self) -> Sku:
        words = self.cleaned_data["sku"].strip()
        sku = Sku.objects.filter(code__iexact=words).first()
        named = [] if sku else list(Sku.objects.filter(name__iexact=words)[:2])
        if sku is None and len(named) != 1:
            raise forms.ValidationError(_("No SKU has this code."))
        return sku or named[0]


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
def merge(asked: Asked) -> str:
    """With the orders the check found to be for the same person and address, as far as this person may see them."""
    kept = Hold.objects.filter(order=asked.order, reason=Check.TOGETHER.reason, released_at=None).first()
    others = [key for key in (kept.detail or {}).get("ids", ()) if may_see(asked.user, key)] if kept else []
    batch = merge_orders([asked.order.pk, *others], now=asked.now, by=asked.user)
    if asked.order.pk in batch.refused:
        or_refuse(asked, Batch(refused={asked.order.pk: batch.refused[asked.order.pk]}))
    asked.log("order.merged", orders=len(batch.done))
    said = ngettext("%(number)d order is one parcel now.", "%(number)d orders are one parcel now.", len(batch.done))
    return said % {"number": len(batch.done)}


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


class RevealForm(PaidanForm):
    reason = forms.CharField(
        label=gettext_lazy("Why you need it"), max_length=200, help_text=gettext_lazy("Your look is logged.")
    )


@transaction.atomic
def reveal(asked: Asked) -> HttpResponse:
    asked.log("buyer.revealed", reason=asked.values["reason"])
    to = getattr(asked.order, "recipient", None)
    return render(asked.request, "desk/orders/revealed.html", {"to": to, "order": asked.order})
