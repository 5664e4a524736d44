"""The description of the API: as JSON, and as a page to read that needs nothing from elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found

from paidan.web.pages import page, public_page

from .description import described
from .problems import Problem, answer


@public_page()
def openapi(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    return JsonResponse(described())


@page(None)
def reference(request: HttpRequest) -> HttpResponse:
    """Every operation with its parameters, body and answers."""
    document = described()
    operations = [
        {"method": method.upper(), "path": path, **said, "body": body_of(said, document)}
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    ]
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in operations:
        groups.setdefault((one.get("tags") or [""])[0], []).append(one)
    context = {"heading": _("API"), "groups": groups.items(), "document": document}
    return render(request, "api/reference.html", context)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address: a problem document under the API, else the page everybody knows."""
    if request.path.startswith("/api/"):
        return answer(Problem(404, "no_such_address", _("There is no such address in the API.")))
    return page_not_found(request, exception)


def body_of(operation: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a request's body: name, type, whether it must be there, what it means."""
    content = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next(iter(content.values()), {"schema": {}})["schema"]
    return fields_of(schema, document)


def fields_of(schema: dict[str, Any], document: dict[str, Any], prefix: str = "") -> list[dict[str, Any]]:
    known = _resolved(schema, document)
    rows = []
    for name, said in known.get("properties", {}).items():
        inner = _resolved(said, document)
        items = _resolved(inner.get("items", {}), document)
        must = name in known.get("required", [])
        label = f"{prefix}{name}" + ("[]" if inner.get("type") == "array" else "")
        kind = inner.get("type") or " | ".join(str(one.get("type", "object")) for one in inner.get("anyOf", []))
        rows.append({"name": label, "type": kind, "must": must, "text": said.get("description", "")})
        if items.get("properties"):
            rows += fields_of(items, document, f"{label}.")
    return rows


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema
