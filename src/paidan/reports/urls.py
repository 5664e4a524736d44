"""The addresses of the reports."""

from django.urls import path

from . import team_views, views

app_name = "reports"

urlpatterns = [
    path("", views.index, name="index"),
    path("teams/", team_views.teams, name="teams"),
    path("teams/<int:warehouse_id>/ratios/", team_views.team_ratios, name="team-ratios"),
    path("charts/", views.late_charts, name="charts"),
    path("report.<slug:kind>", views.export, name="export"),
]
