"""The dashboard's address: the first page."""

from django.urls import path

from .views import dashboard

urlpatterns = [path("", dashboard, name="dashboard")]
