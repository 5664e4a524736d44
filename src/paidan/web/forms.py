"""Form pages: the one way from a form through a service to the next page, and fields that look like ours.

A form page is authorise (the `page` decorator) → form → service → redirect and toast; a service's `Refusal` becomes
an error on the form.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from paidan.kit.errors import Refusal

from .replies import go, toast

F = TypeVar("F", bound=forms.BaseForm)
SELECTS = (forms.Select, forms.SelectMultiple)
PLAIN = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.HiddenInput)


class PaidanForm(forms.Form):
    """A form in our look: every control has its class, wrong ones say so to screen readers (Django does that)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        dress(self)


class PaidanModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """The same for rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        dress(self)


def dress(form: forms.BaseForm) -> None:
    """Give each control its class. Choices of many rows get a search box (pop.js, Tom Select)."""
    for field in form.fields.values():
        widget = field.widget
        if isinstance(widget, PLAIN):
            continue
        style = "form-select" if isinstance(widget, SELECTS) else "form-control"
        widget.attrs["class"] = f"{widget.attrs.get('class', '')} {style}".strip()
        if isinstance(field, forms.ModelChoiceField) or isinstance(widget, forms.SelectMultiple):
            widget.attrs.setdefault("data-choose", "")


def handle_form(
    request: HttpRequest,
    form_of: Callable[..., F],
    *,
    save: Callable[[F], str | Promise | HttpResponse],
    to: str,
    template: str = "web/form.html",
    initial: dict[str, Any] | None = None,
    instance: models.Model | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a form; when it is valid, `save(form)` calls the service and returns the sentence to say; then go `to`.

    `save` may raise `Refusal`: the form comes back with its sentence (at the field `pointer` names, if it has one).
    It may also return a response of its own. Invalid forms answer 422, so that htmx swaps them and tests see them.
    """
    arguments: dict[str, Any] = {"initial": initial}
    if instance is not None:
        arguments["instance"] = instance
    form = form_of(request.POST or None, request.FILES or None, **arguments)
    if request.method == "POST" and form.is_valid():
        try:
            said = save(form)
        except Refusal as refusal:
            form.add_error(refusal.pointer if refusal.pointer in form.fields else None, str(refusal))
        else:
            if isinstance(said, HttpResponse):
                return said
            toast(request, said)
            return go(request, to)
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"form": form, "back": to, **context}, status=status)
