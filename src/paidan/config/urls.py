"""The map of addresses: the two probes, and what every app adds."""

from django.urls import include, path

from paidan.config import probes

urlpatterns = [
    path("healthz", probes.healthz),
    path("readyz", probes.readyz),
    path("", include("paidan.web.urls")),
    path("account/", include("paidan.accounts.urls")),
    path("api/", include("paidan.api.urls")),
    path("", include("paidan.api.compat.urls")),
    path("hooks/", include("paidan.api.hook_urls")),
    path("alerts/", include("paidan.alerts.urls")),
    path("rules/", include("paidan.desk.rules.urls")),
    path("what-if/", include("paidan.desk.whatif.urls")),
    path("waves/", include("paidan.desk.waves.urls")),
    path("reports/", include("paidan.reports.urls")),
    path("", include("paidan.desk.urls")),
]

handler404 = "paidan.api.pages.not_found"
