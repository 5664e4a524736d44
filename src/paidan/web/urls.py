"""The shell's addresses."""

from django.urls import path

from . import views

app_name = "web"

urlpatterns = [
    path("home/", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("look/", views.look, name="look"),
    path("live/", views.live, name="live"),
    path("search/", views.search, name="search"),
]
