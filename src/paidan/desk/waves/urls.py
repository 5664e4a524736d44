"""The addresses of the waves."""

from django.urls import path

from . import views

app_name = "waves"

urlpatterns = [
    path("", views.waves, name="list"),
    path("now/", views.ask_now, name="now"),
    path("<int:wave_id>/", views.wave, name="one"),
    path("<int:wave_id>/stop/", views.stop_it, name="stop"),
    path("<int:wave_id>/moves.<slug:kind>", views.export_moves, name="moves"),
    path("<int:wave_id>/prices.<slug:kind>", views.export_prices, name="prices"),
]
