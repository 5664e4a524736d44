"""Every component on one page, to look at and to have axe-core look at."""

from datetime import timedelta
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.utils import timezone

from paidan.web.lists import Change, Preview, Refusals
from paidan.web.pages import page

HERE = Path(__file__).resolve().parent


@page(None)
def patterns(request: HttpRequest) -> HttpResponse:
    from tests.web.sample import NoteForm

    now = timezone.now()
    form = NoteForm({"note": ""})
    context = {
        "heading": "Patterns",
        "crumbs": [("Orders", "/sample/orders/"), ("Unallocated", "/sample/orders/?tab=unallocated")],
        "drawer": "drawer" in request.GET,
        "states": ["pending", "unallocated", "held", "allocated", "packed", "shipped", "exception", "cancelled"],
        "deadlines": [now + timedelta(minutes=at) for at in (-41, 26, 163, 431)],
        "line": [3, 5, 4, 8, 7, 9],
        "form": form,
        "preview": Preview(
            34,
            [Refusals("Stock short", 2, "Allow a split", "/"), Refusals("Packed", 1, "Ask the team to hand it back")],
            [
                Change("Freight", "¥243.60", "¥261.40", "+¥17.80", better=False),
                Change("Late", "9", "0", "−9", better=True),
            ],
        ),
        "reason": "No warehouse can ship the whole order in time.",
        "heads": [("Distance", "n"), ("Freight", "n")],
        "candidates": [
            {"name": "Wuhan", "cells": [("294 km", "n"), ("¥6.80", "n")], "tone": "near", "verdict": "1 flask short"},
            {"name": "Guangzhou", "cells": [("567 km", "n"), ("¥7.40", "n bad")], "tone": "failed", "verdict": "Full"},
            {"name": "Tianjin", "cells": [("—", "n"), ("—", "n")], "tone": "skipped", "verdict": "Paused"},
        ],
    }
    return HttpResponse(
        Template((HERE / "patterns.html").read_text(encoding="utf-8")).render(RequestContext(request, context))
    )


@page(None)
def phone(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "heading": "Guangzhou A",
        "back": "/",
        "deadlines": [now + timedelta(minutes=at) for at in (-41, 26, 163)],
    }
    return HttpResponse(
        Template((HERE / "phone.html").read_text(encoding="utf-8")).render(RequestContext(request, context))
    )
