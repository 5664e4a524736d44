"""The addresses of the what-ifs."""

from django.urls import path

from . import views

app_name = "whatif"

urlpatterns = [
    path("", views.what_ifs, name="list"),
    path("new/", views.new, name="new"),
    path("<int:what_if_id>/", views.one, name="one"),
    path("<int:what_if_id>/stop/", views.stop_it, name="stop"),
    path("<int:what_if_id>/moves.<slug:kind>", views.export, name="export"),
]
