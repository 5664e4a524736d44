"""The addresses of the reports."""

from django.urls import path

from . import advice_views, sale_views, team_views, views

app_name = "reports"

urlpatterns = [
    path("", views.index, name="index"),
    path("teams/", team_views.teams, name="teams"),
    path("teams/<int:warehouse_id>/ratios/", team_views.team_ratios, name="team-ratios"),
    path("advice/", advice_views.advice, name="advice"),
    path("advice/stock/", advice_views.stock, name="advice-stock"),
    path("advice/transfers.<slug:kind>", advice_views.transfer_list, name="advice-transfers"),
    path("advice/<slug:kind>/<int:place_id>/capacity/", advice_views.apply_capacity, name="advice-capacity"),
    path("promotions/", sale_views.promotions, name="promotions"),
    path("charts/", views.late_charts, name="charts"),
    path("report.<slug:kind>", views.export, name="export"),
]
