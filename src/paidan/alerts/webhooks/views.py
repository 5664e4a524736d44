"""The pages of webhooks: who listens, setting one up, its secret shown once, on and off, a trial."""

from typing import Any, cast

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.network.scopes import scope_of
from paidan.web.forms import handle_form
from paidan.web.pages import page
from paidan.web.replies import go, toast

from ..models import Delivery, Endpoint
from . import services
from .events import WebhookEvent
from .forms import EndpointForm
from .sending import problem_words


def unlimited(user: User, **_captured: Any) -> bool:
    """Messages tell of all shops and warehouses: only who sees everything has them sent."""
    return scope_of(user).is_everything


def crumbs(*, below: bool = True) -> list[tuple[str, str]]:
    first = [(_("Settings"), reverse("desk:settings"))]
    return [*first, (_("Webhooks"), reverse("alerts:webhooks"))] if below else first


def person(request: HttpRequest) -> User:
    return cast(User, request.user)


@page(Capability.MANAGE_WEBHOOKS, scope=unlimited)
def webhooks(request: HttpRequest) -> HttpResponse:
    """Who listens to what, whether it gets through, and what waits or was given up."""
    counted = Endpoint.objects.annotate(
        waiting_n=Count("deliveries", filter=Q(deliveries__state=Delivery.State.WAITING)),
        dead_n=Count("deliveries", filter=Q(deliveries__state=Delivery.State.DEAD)),
    )
    rows = list(counted.prefetch_related("shops").order_by("name"))
    names = dict(WebhookEvent.choices)
    context = {
        "heading": _("Webhooks"),
        "crumbs": crumbs(below=False),
        "rows": [{"row": row, "events": [names.get(event, event) for event in row.events]} for row in rows],
    }
    return render(request, "alerts/webhooks/list.html", context)


@never_cache
@page(Capability.MANAGE_WEBHOOKS, methods=("GET", "POST"), scope=unlimited)
def new_webhook(request: HttpRequest) -> HttpResponse:
    """Set one up and show its secret, this once."""

    def save(form: EndpointForm) -> HttpResponse:
        row = form.save()
        shops = list(form.cleaned_data["shops"])
        secret = services.add_endpoint(row, shops=shops, now=timezone.now(), by=person(request))
        return shown_once(request, row, secret)

    return handle_form(
        request,
        EndpointForm,
        save=save,
        to=reverse("alerts:webhooks"),
        initial={"events": WebhookEvent.values},
        heading=_("New webhook"),
        crumbs=crumbs(),
        button=_("Set up"),
        intro=_("Its secret is shown once, when it is made."),
    )


@page(Capability.MANAGE_WEBHOOKS, methods=("GET", "POST"), scope=unlimited)
def webhook(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    row = get_object_or_404(Endpoint, pk=endpoint_id)

    def save(form: EndpointForm) -> str:
        shops = list(form.cleaned_data["shops"])
        services.change_endpoint(form.save(), shops=shops, now=timezone.now(), by=person(request))
        return _("%(name)s is kept.") % {"name": row}

    return handle_form(
        request,
        EndpointForm,
        save=save,
        to=reverse("alerts:webhooks"),
        template="alerts/webhooks/change.html",
        instance=row,
        heading=str(row),
        crumbs=crumbs(),
        button=_("Keep"),
        row=row,
    )


def shown_once(request: HttpRequest, row: Endpoint, secret: str) -> HttpResponse:
    context = {"heading": row.name, "crumbs": crumbs(), "secret": secret, "row": row}
    return render(request, "alerts/webhooks/secret.html", context)


@never_cache
@page(Capability.MANAGE_WEBHOOKS, methods=("POST",), scope=unlimited)
def new_secret(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    row = get_object_or_404(Endpoint, pk=endpoint_id)
    return shown_once(request, row, services.exchange_secret(row, now=timezone.now(), by=person(request)))


@page(Capability.MANAGE_WEBHOOKS, methods=("POST",), scope=unlimited)
def switch(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    row = get_object_or_404(Endpoint, pk=endpoint_id)
    on = request.POST.get("on") == "1"
    services.switch_endpoint(row, on, now=timezone.now(), by=person(request))
    told = _("%(name)s hears of events again.") if on else _("%(name)s is off: it misses what happens from now on.")
    toast(request, told % {"name": row})
    return go(request, "alerts:webhooks")


@page(Capability.MANAGE_WEBHOOKS, methods=("POST",), scope=unlimited)
def drop(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    row = get_object_or_404(Endpoint, pk=endpoint_id)
    services.drop_endpoint(row, now=timezone.now(), by=person(request))
    toast(request, _("%(name)s is removed.") % {"name": row})
    return go(request, "alerts:webhooks")


@page(Capability.MANAGE_WEBHOOKS, methods=("POST",), scope=unlimited)
def try_webhook(request: HttpRequest, endpoint_id: int) -> HttpResponse:
    """A signed message of the type “trial”."""
    row = get_object_or_404(Endpoint, pk=endpoint_id)
    answer = services.send_trial(row, now=timezone.now())
    if answer.taken:
        toast(request, _("%(name)s took the trial message (%(status)s).") % {"name": row, "status": answer.status})
    else:
        values = {"name": row, "problem": problem_words(answer.problem)}
        toast(request, _("%(name)s did not take it: %(problem)s") % values, bad=True)
    return go(request, "alerts:webhooks")
