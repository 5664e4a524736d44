"""Addresses as other products' clients have them built in."""

from django.urls import path

from .flagship import flagship
from .qimen import qimen
from .wdt import wdt

urlpatterns = [
    path("openapi", flagship, name="compat-flagship"),
    path("router/qm", qimen, name="compat-qimen"),
    path("openapi2/<slug:method>.php", wdt, name="compat-wdt"),
]
