"""Writing one shop, warehouse, team or promotion from what a form or a caller gives; answers what it changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from paidan.accounts.changes import changed_values
from paidan.accounts.models import User
from paidan.kit.errors import Refusal

Values = dict[str, Any]


@transaction.atomic
def save_row(
    row: Model, values: Mapping[str, Any], related: Mapping[str, Collection[Model]] | None = None
) -> tuple[Values, Values]:
    """Write these fields and related rows of a row, new or not; answers what differs, before and after.

    Only what is given is written, and onto the row as it is now: two people who mend different fields at the same
    time do not undo each other.
    """
    kept = None if row.pk is None else type(row)._default_manager.select_for_update().get(pk=row.pk)
    before = {name: plain(getattr(kept, name)) for name in values} if kept else {}
    target = kept or row
    for name, value in values.items():
        setattr(target, name, value)
    _save(target, list(values) if kept else None)
    row.pk = target.pk
    after = {name: plain(getattr(target, name)) for name in values}
    for name, chosen in (related or {}).items():
        manager: Any = getattr(target, name)
        before[name] = sorted(plain(one) for one in manager.all()) if kept else []
        manager.set(chosen)
        after[name] = sorted(plain(one) for one in chosen)
    return changed_values(before, after)


def _save(row: Model, fields: list[str] | None) -> None:
    """The unique code is the one thing two forms can want at once."""
    if fields == []:
        return
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError as error:
        sentence = _("Another one has this code already. Choose another code.")
        raise Refusal("code_taken", sentence, pointer="code") from error


def plain(value: Any) -> Any:
    """A value as the change log keeps it: rows by their codes, moments as text."""
    if isinstance(value, User):
        return value.username
    if isinstance(value, Model):
        return getattr(value, "code", None) or str(value.pk)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value
