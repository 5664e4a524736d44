"""The addresses of the API and of its description."""

from django.urls import path

from .main import api
from .pages import openapi, reference

urlpatterns = [
    path("", reference, name="api-reference"),
    path("openapi.json", openapi, name="api-openapi"),
    path("v1/", api.urls),
]
