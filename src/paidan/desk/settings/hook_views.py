"""Where a shop's platform pushes its orders, and the secret it signs them with."""

import secrets
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.network.models import Shop, ShopHook
from paidan.network.scopes import visible_shops
from paidan.orders.platforms import PLATFORMS
from paidan.web.forms import PaidanForm, handle_form
from paidan.web.pages import page

SHORTEST = 16
"""Characters of a secret: fewer could be guessed."""


def shop_in_scope(user: User, shop_id: int) -> bool:
    return bool(visible_shops(user).filter(pk=shop_id).exists())


def shop_context(request: HttpRequest, row: Any, _form: Any) -> dict[str, Any]:
    """The way from a shop's page to its hook, for those who may go it."""
    may = row.pk and cast(User, request.user).can(Capability.MANAGE_WEBHOOKS)
    return {"hook_url": reverse("desk:settings-shop-hook", args=[row.pk])} if may else {}


class HookForm(PaidanForm):
    """The secret is written, never shown; empty takes it away."""

    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
        help_text=gettext_lazy("As the platform shows it. Empty: nothing is taken from there any more."),
    )

    def clean_secret(self) -> str:
        given: str = self.cleaned_data["secret"].strip()
        if given and len(given) < SHORTEST:
            raise forms.ValidationError(_("At least %(least)d characters.") % {"least": SHORTEST})
        return given


@page(Capability.MANAGE_WEBHOOKS, methods=("GET", "POST"), scope=shop_in_scope)
def shop_hook(request: HttpRequest, shop_id: int) -> HttpResponse:
    """Keep the secret of a shop; the addresses for each platform stand below."""
    shop = get_object_or_404(Shop, pk=shop_id)
    kept = ShopHook.objects.filter(shop=shop).first()

    def save(form: HookForm) -> str:
        return keep(shop, form.cleaned_data["secret"], cast(User, request.user))

    context: dict[str, Any] = {
        "addresses": [(one.name, address(request, shop, one.code)) for one in PLATFORMS.values()],
        "kept": kept,
        "suggestion": secrets.token_urlsafe(32),
    }
    return handle_form(
        request,
        HookForm,
        save=save,
        to=reverse("desk:settings-shop", args=[shop.pk]),
        template="desk/settings/hook.html",
        heading=_("Orders pushed by the platform"),
        crumbs=[
            (_("Settings"), reverse("desk:settings")),
            (_("Shops"), reverse("desk:settings-shops")),
            (str(shop), reverse("desk:settings-shop", args=[shop.pk])),
        ],
        button=_("Keep"),
        **context,
    )


def address(request: HttpRequest, shop: Shop, platform: str) -> str:
    """Composed by hand: the map of addresses above this package is not this package's to know."""
    return request.build_absolute_uri(f"/hooks/{shop.code}/{platform}")


def keep(shop: Shop, secret: str, by: User) -> str:
    now = timezone.now()
    if not secret:
        ShopHook.objects.filter(shop=shop).delete()
        record_change("shop.hook_removed", by=by, now=now, of=shop)
        return _("Nothing is taken from the platform of %(shop)s any more.") % {"shop": shop}
    ShopHook.objects.update_or_create(shop=shop, defaults={"secret": secret, "changed_at": now, "heard_at": None})
    record_change("shop.hook_kept", by=by, now=now, of=shop)
    return _("Kept. Messages signed with this secret are taken for %(shop)s.") % {"shop": shop}
