"""The addresses of the reminders, and of webhooks."""

from django.urls import include, path

from . import views

app_name = "alerts"

urlpatterns = [
    path("", views.reminders, name="reminders"),
    path("bell/", views.bell, name="bell"),
    path("<int:reminder_id>/take/", views.take, name="take"),
    path("settings/", views.settings, name="settings"),
    path("watches/new/", views.new_watch, name="watch-new"),
    path("watches/<int:watch_id>/", views.watch, name="watch"),
    path("watches/<int:watch_id>/drop/", views.drop_watch, name="watch-drop"),
    path("channels/new/", views.new_channel, name="channel-new"),
    path("channels/<int:channel_id>/", views.channel, name="channel"),
    path("channels/<int:channel_id>/try/", views.try_channel, name="channel-try"),
    path("reports/new/", views.new_subscription, name="report-new"),
    path("reports/<int:subscription_id>/", views.subscription, name="report"),
    path("reports/<int:subscription_id>/drop/", views.drop_subscription, name="report-drop"),
    path("reports/<int:subscription_id>/send/", views.send_now, name="report-send"),
    path("webhooks/", include("paidan.alerts.webhooks.urls")),
]
