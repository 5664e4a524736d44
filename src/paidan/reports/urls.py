"""The addresses of the reports."""

from django.urls import path

from . import views

app_name = "reports"

urlpatterns = [
    path("", views.index, name="index"),
    path("charts/", views.late_charts, name="charts"),
    path("report.<slug:kind>", views.export, name="export"),
]
