"""The addresses platforms push to."""

from django.urls import path

from .hooks import hook

urlpatterns = [path("<str:shop_code>/<slug:platform>", hook, name="hook")]
