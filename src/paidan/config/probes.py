"""What a load balancer asks: is the process alive, and can it work."""

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from paidan.web.pages import public_page


@never_cache
@public_page()
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the signature is Django's
    """Alive: answers without touching the database, so that a database restart kills no process."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@public_page()
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the signature is Django's
    """Ready: the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("database unavailable", content_type="text/plain", status=503)
    return HttpResponse("ready", content_type="text/plain")
