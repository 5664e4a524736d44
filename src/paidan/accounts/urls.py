"""Addresses of signing in, and of getting in for the first time."""

from django.urls import path

from . import views

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("password/", views.password, name="password"),
    path("welcome/<int:user_id>/<str:key>/", views.welcome, name="welcome"),
]
