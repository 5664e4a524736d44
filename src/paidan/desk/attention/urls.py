"""The addresses of the desk of what needs a person."""

from django.urls import URLPattern, URLResolver, include, path

from .exceptions import ExceptionList
from .mapping import map_stuck_code
from .stuck import StuckList

urlpatterns: list[URLPattern | URLResolver] = [
    path("stuck/map/<int:shop_id>/", map_stuck_code, name="stuck-map"),
    path("stuck/", include(StuckList().urls())),
    path("exceptions/", include(ExceptionList().urls())),
]
