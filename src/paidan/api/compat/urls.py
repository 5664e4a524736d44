"""Addresses as other products' clients have them built in."""

from django.urls import path

from .wdt import wdt

urlpatterns = [
    path("openapi2/<slug:method>.php", wdt, name="compat-wdt"),
]
