"""Addresses as other products' clients have them built in."""

from django.urls import path

from .qimen import qimen
from .wdt import wdt

urlpatterns = [
    path("router/qm", qimen, name="compat-qimen"),
    path("openapi2/<slug:method>.php", wdt, name="compat-wdt"),
]
