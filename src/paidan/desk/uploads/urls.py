"""The addresses of the import wizard."""

from django.urls import path

from .views import imports, one_import, rejects

urlpatterns = [
    path("imports/", imports, name="imports"),
    path("imports/<int:upload_id>/", one_import, name="import"),
    path("imports/<int:upload_id>/rejects.csv", rejects, name="import-rejects"),
]
