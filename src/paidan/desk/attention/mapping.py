"""Saying what a shop's code is, from the group of orders that wait for it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from paidan.accounts.capabilities import Capability
from paidan.desk.goods.codes import CodeForm, mapped, shop_in_scope
from paidan.kit.errors import Refusal
from paidan.network.models import Shop
from paidan.web.pages import page
from paidan.web.replies import safe_next, toast


@page(Capability.CHANGE_ORDERS, methods=("POST",), scope=shop_in_scope)
def map_stuck_code(request: HttpRequest, shop_id: int) -> HttpResponse:
    """Map a code for all orders waiting for it, and come back to the group."""
    shop, form = get_object_or_404(Shop, pk=shop_id), CodeForm(request.POST)
    try:
        if form.is_valid():
            toast(request, mapped(request, shop, request.POST.get("code", ""), form.cleaned_data["sku"]))
        else:
            toast(request, str(form.errors["sku"][0]), bad=True)
    except Refusal as refusal:
        toast(request, str(refusal), bad=True)
    return HttpResponseRedirect(safe_next(request) or reverse("desk:stuck"))
