"""The addresses of webhooks and their deliveries."""

from django.urls import include, path

from . import views
from .deliveries import DeliveryList

urlpatterns = [
    path("", views.webhooks, name="webhooks"),
    path("new/", views.new_webhook, name="webhook-new"),
    path("<int:endpoint_id>/", views.webhook, name="webhook"),
    path("<int:endpoint_id>/secret/", views.new_secret, name="webhook-secret"),
    path("<int:endpoint_id>/switch/", views.switch, name="webhook-switch"),
    path("<int:endpoint_id>/try/", views.try_webhook, name="webhook-try"),
    path("<int:endpoint_id>/drop/", views.drop, name="webhook-drop"),
    path("deliveries/", include(DeliveryList().urls())),
]
