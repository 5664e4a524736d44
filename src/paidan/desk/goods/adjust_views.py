"""The dialog that sets or changes one quantity: fill in, see what follows, do it."""

from typing import Any, cast

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import address_of, record_change
from paidan.accounts.models import User
from paidan.catalog.models import Sku
from paidan.kit.errors import Refusal
from paidan.network.models import Warehouse
from paidan.web import formats
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .adjusting import AdjustForm, Effect, adjust, preview, quantities_of
from .reach import place_in_scope

ASKED = ("mode", "number", "safety", "reason")


@page(Capability.ADJUST_STOCK, methods=("GET", "POST"), scope=place_in_scope)
def adjust_page(request: HttpRequest, sku_id: int, warehouse_id: int) -> HttpResponse:
    """GET brings the form; the first POST what would follow, the second, of the same values, does it."""
    sku, place = get_object_or_404(Sku, pk=sku_id), get_object_or_404(Warehouse, pk=warehouse_id)
    form = AdjustForm(request.POST or None)
    effect: Effect | None = None
    if request.method == "POST" and form.is_valid():
        seen = signing.dumps([request.POST.get(name, "") for name in ASKED], salt=f"{sku_id}.{warehouse_id}")
        confirmed = same_as_seen(request, f"{sku_id}.{warehouse_id}")
        try:
            if confirmed:
                return done(request, sku, place, form.cleaned_data)
            effect = preview(sku_id, warehouse_id, form.cleaned_data, now=timezone.now(), by=cast(User, request.user))
        except Refusal as refusal:
            form.add_error("number", str(refusal))
    else:
        seen = ""
    context: dict[str, Any] = {
        "form": form,
        "sku": sku,
        "place": place,
        "now_there": quantities_of(sku_id, warehouse_id),
        "effect": effect,
        "seen": seen if effect else "",
        "url": request.get_full_path(),
        "back": reverse("desk:sku", args=[sku_id]),
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "heading": _("Adjust stock"),
    }
    fragment = request.headers.get("HX-Request")
    return render(request, "desk/goods/adjust_dialog.html" if fragment else "desk/goods/adjust.html", context)


def same_as_seen(request: HttpRequest, salt: str) -> bool:
    """Whether these are the values whose effect was shown; changed ones are shown again first."""
    try:
        seen = signing.loads(request.POST.get("seen", ""), salt=salt)
    except signing.BadSignature:
        return False
    return "confirm" in request.POST and seen == [request.POST.get(name, "") for name in ASKED]


def done(request: HttpRequest, sku: Sku, place: Warehouse, values: dict[str, Any]) -> HttpResponse:
    """Do it, log it, say what came of it."""
    now, user = timezone.now(), cast(User, request.user)
    # Not in one transaction: the services take their locks step by step, in the order waves do.
    effect = adjust(sku.pk, place.pk, values, now=now, by=user)
    record_change(
        "stock.adjusted",
        by=user,
        now=now,
        of=sku,
        before={"on_hand": effect.before.on_hand, "safety": effect.before.safety},
        after={"on_hand": effect.after.on_hand, "safety": effect.after.safety},
        reason=values["reason"],
        address=address_of(request),
        warehouse=place.code,
    )
    said = _("%(sku)s in %(place)s: %(before)s → %(after)s on hand.") % {
        "sku": sku,
        "place": place,
        "before": formats.count(effect.before.on_hand),
        "after": formats.count(effect.after.on_hand),
    }
    toast(request, said)
    return go(
        request, reverse("desk:stock") if request.POST.get("next") == "stock" else reverse("desk:sku", args=[sku.pk])
    )
