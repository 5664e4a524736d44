"""The addresses of the order desk and the order page."""

from django.urls import URLPattern, URLResolver, include, path

from . import acts
from .list import OrderList
from .page import order

urlpatterns: list[URLPattern | URLResolver] = [
    path("orders/", include(OrderList().urls())),
    path("orders/<int:order_id>/", order, name="order"),
    *acts.urlpatterns,
]
