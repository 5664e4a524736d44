"""The addresses of the pages where people steer; each package of pages brings its own."""

from django.urls import include, path

app_name = "desk"

urlpatterns = [
    path("", include("paidan.desk.dashboard.urls")),
    path("", include("paidan.desk.board.urls")),
    path("", include("paidan.desk.teams.urls")),
    path("", include("paidan.desk.orders.urls")),
    path("", include("paidan.desk.attention.urls")),
    path("", include("paidan.desk.goods.urls")),
    path("", include("paidan.desk.uploads.urls")),
    path("", include("paidan.desk.people.urls")),
    path("", include("paidan.desk.settings.urls")),
]
