"""The page of the order check: by default, per shop, and the lists all shops share."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.jobs import recheck_everything
from paidan.network.models import Shop
from paidan.network.scopes import scope_of
from paidan.orders.checking.book import read_book
from paidan.orders.checking.services import save_blacklist, save_checks, save_words
from paidan.orders.models import Blacklisted
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .check_form import CheckForm, ListsForm


def unlimited(user: User, **_captured: Any) -> bool:
    """The default is everybody's, and the blacklist tells of buyers: for those who see everything."""
    return scope_of(user).is_everything


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"), scope=unlimited)
def checks(request: HttpRequest) -> HttpResponse:
    return _page(request, None)


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"), scope=unlimited)
def shop_checks(request: HttpRequest, shop_id: int) -> HttpResponse:
    return _page(request, get_object_or_404(Shop, pk=shop_id))


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"), scope=unlimited)
def check_lists(request: HttpRequest) -> HttpResponse:
    """The words of remarks and the blacklist."""
    form = ListsForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show(request, form, "desk/settings/check_lists.html", reverse("desk:settings-check-lists"))
    blacklist = {what.value: form.cleaned_data[what.value] for what in Blacklisted.What}
    with transaction.atomic():
        changed = save_words(form.cleaned_data["words"]) | save_blacklist(blacklist)
        if changed:
            words, black = len(form.cleaned_data["words"]), sum(map(len, blacklist.values()))
            by, now = cast(User, request.user), timezone.now()
            record_change("checks.lists_changed", by=by, now=now, words=words, black=black)
            recheck_everything.defer()
    _toast(request, changed)
    return go(request, "desk:settings-check-lists")


def _page(request: HttpRequest, shop: Shop | None) -> HttpResponse:
    form = CheckForm(request.POST or None, book=read_book(), shop_id=shop.pk if shop else None)
    here = reverse("desk:settings-shop-checks", args=[shop.pk]) if shop else reverse("desk:settings-checks")
    if request.method != "POST" or not form.is_valid():
        return _show(request, form, "desk/settings/checks.html", here)
    now = timezone.now()
    with transaction.atomic():
        changed = save_checks(shop, form.checks(), now=now)
        if changed:
            record_change("checks.changed", by=cast(User, request.user), now=now, of=shop, checks=changed)
            recheck_everything.defer(shop_id=shop.pk if shop else None)
    _toast(request, bool(changed))
    return go(request, here)


def _toast(request: HttpRequest, changed: bool) -> None:
    toast(request, _("Kept. What waits is checked again in a moment.") if changed else _("Nothing was different."))


def _show(request: HttpRequest, form: CheckForm | ListsForm, template: str, here: str) -> HttpResponse:
    default, lists = reverse("desk:settings-checks"), reverse("desk:settings-check-lists")
    shops = [
        (str(shop), reverse("desk:settings-shop-checks", args=[shop.pk])) for shop in Shop.objects.order_by("code")
    ]
    context = {
        "heading": _("Order check"),
        "crumbs": [(_("Settings"), reverse("desk:settings"))],
        "form": form,
        "here": here,
        "tabs": [(_("By default"), default, here == default), (_("Words and blacklist"), lists, here == lists)],
        "shop": next((label for label, url in shops if url == here), ""),
        "shops": [(label, url, here == url) for label, url in shops],
        "back": reverse("desk:settings"),
        "may_change": True,
    }
    return render(request, template, context, status=422 if request.method == "POST" else 200)
