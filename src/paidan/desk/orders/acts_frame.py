"""The frame of what can be done on an order's page: plain buttons and small dialogs, guarded, logged, with a toast."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import address_of, record_change
from paidan.accounts.models import User
from paidan.allocation.outcomes import Batch
from paidan.kit.errors import Refusal
from paidan.network.models import Warehouse
from paidan.network.scopes import visible_warehouses
from paidan.orders.models import Order
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .batch_base import Outcome, sentence
from .queries import may_see

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
