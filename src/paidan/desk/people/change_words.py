"""Entries of the change log in words: what was done, to what, and each value before and after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.accounts.token_scopes import TokenScope
from paidan.network.models import Team, Warehouse
from paidan.orders.checking.kinds import SPECS, Check
from paidan.orders.states import ExceptionKind
from paidan.web import formats

from .change_sentences import SENTENCES, UNDONE

Words = str | Promise
HIDDEN = frozenset({"number", "order"})
"""Values the sentence itself says."""
LABELS: Mapping[str, Words] = {
    "warehouse": gettext_lazy("warehouse"),
    "team": gettext_lazy("team"),
    "warehouses": gettext_lazy("only these warehouses"),
    "teams": gettext_lazy("only these teams"),
    "shops": gettext_lazy("only these shops"),
    "member_of": gettext_lazy("works in teams"),
    "scopes": gettext_lazy("may"),
    "owner": gettext_lazy("acts as"),
    "expires_at": gettext_lazy("expires"),
    "reason": gettext_lazy("reason"),
    "until": gettext_lazy("until"),
    "tag": gettext_lazy("tag"),
    "carrier": gettext_lazy("carrier"),
    "tracking_number": gettext_lazy("tracking number"),
    "kind": gettext_lazy("kind"),
    "note": gettext_lazy("note"),
    "resolution": gettext_lazy("how it ended"),
    "code": gettext_lazy("code"),
    "sku": gettext_lazy("SKU"),
    "orders": gettext_lazy("orders"),
    "parcels": gettext_lazy("parcels"),
    "served": gettext_lazy("allocated"),
    "given_back": gettext_lazy("pieces given back"),
    "give_back": gettext_lazy("stock given back"),
    "partial": gettext_lazy("in part"),
    "force": gettext_lazy("forced"),
    "relax": gettext_lazy("let go once"),
    "length": gettext_lazy("letters"),
    "person": gettext_lazy("caretaker"),
    "ratios": gettext_lazy("ratios"),
    "allocation": gettext_lazy("allocation"),
    "rows": gettext_lazy("rows"),
    "file": gettext_lazy("file"),
    "format": gettext_lazy("format"),
    "created": gettext_lazy("new"),
    "changed": gettext_lazy("changed"),
    "rejected": gettext_lazy("rejected"),
    "day": gettext_lazy("day"),
    "delta": gettext_lazy("change"),
    "on_hand": gettext_lazy("on hand"),
    "saving_minor": gettext_lazy("saving"),
    "checks": gettext_lazy("checks"),
    "words": gettext_lazy("words"),
    "black": gettext_lazy("on the blacklist"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value that changed; `before` is empty where nothing was there before or it is not about before and after."""

    name: Words
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name} {self.before} → {self.after}" if self.before else f"{self.name} {self.after}"


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One entry as a page shows it."""

    entry: ChangeLogEntry
    sentence: str
    values: tuple[Value, ...]

    @property
    def who(self) -> str:
        return self.entry.by.display_name if self.entry.by else _("the system")

    @property
    def words(self) -> str:
        """The values in one line."""
        parts = [
            f"{one.name}: {one.before} → {one.after}" if one.before else f"{one.name}: {one.after}"
            for one in self.values
        ]
        return " · ".join([*parts, self.entry.reason] if self.entry.reason else parts)


def shown_changes(entries: Iterable[ChangeLogEntry], now: datetime) -> list[ShownChange]:
    """Entries in words, names of warehouses and teams looked up for all of them at once."""
    rows = list(entries)
    names = _names(rows)
    return [ShownChange(row, sentence_of(row), tuple(_values(row, names, now))) for row in rows]


def sentence_of(row: ChangeLogEntry) -> str:
    """What was done; an entry of a version to come is shown by its kind."""
    kind, undone = row.action.removesuffix(UNDONE), row.action.endswith(UNDONE)
    known = SENTENCES.get(kind)
    if known is None:
        return row.action
    told = row.after or {}
    number = told.get("number", 1)
    values = {**told, "of": row.label or row.subject_id, "number": number, "count": formats.count(number)}
    values.setdefault("order", row.label)
    said = str(known % values) if isinstance(known, Promise) else known % values
    return _("%(change)s – taken back") % {"change": said} if undone else said


def _values(row: ChangeLogEntry, names: Mapping[tuple[str, int], str], now: datetime) -> Iterable[Value]:
    before, after = row.before or {}, row.after or {}
    for key, value in after.items():
        if key in HIDDEN or (value in (None, "", [], {}) and not before.get(key)):
            continue
        was = _written(key, before[key], names, now) if key in before else ""
        yield Value(label_of(row.subject, key), was, _written(key, value, names, now))


def _written(key: str, value: Any, names: Mapping[tuple[str, int], str], now: datetime) -> str:
    """A value as people read it; codes that stand for words in their words."""
    if value in (None, "", [], {}):
        return formats.DASH
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key in ("warehouse", "team") and isinstance(value, int):
        return names.get((key, value), str(value))
    if key == "kind" and value in ExceptionKind.values:
        return str(ExceptionKind(value).label)
    if key == "role" and value in Role.values:
        return str(Role(value).label)
    if key == "scopes":
        return _(", ").join(str(TokenScope(one).label) if one in TokenScope.values else str(one) for one in value)
    if key == "checks":
        return _(", ").join(str(SPECS[Check(one)].label) if one in list(Check) else str(one) for one in value)
    if key in ("until", "expires_at") or key.endswith("_at"):
        return _moment(value, now)
    if key == "saving_minor":
        return formats.money(value)
    if isinstance(value, Mapping):
        return _(", ").join(f"{name} {one}" for name, one in value.items())
    if isinstance(value, list):
        return _(", ").join(str(one) for one in value)
    return formats.count(value) if isinstance(value, int) else str(value)


def _moment(value: Any, now: datetime) -> str:
    try:
        return formats.moment_in_full(datetime.fromisoformat(str(value)), now=now)
    except ValueError:
        return str(value)


def _names(rows: list[ChangeLogEntry]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for key, model in (("warehouse", Warehouse), ("team", Team)):
        ids = {row.after[key] for row in rows if row.after and isinstance(row.after.get(key), int)}
        if ids:
            found |= {(key, pk): str(one) for pk, one in model._default_manager.in_bulk(ids).items()}
    return found


@cache
def _model(name: str) -> Any:
    return next((model for model in apps.get_models() if model._meta.model_name == name), None)


def label_of(subject: str, key: str) -> Words:
    """What a value is called: as its row's field is, else from the list above."""
    model = _model(subject)
    if model is not None:
        try:
            return getattr(model._meta.get_field(key), "verbose_name", key)
        except FieldDoesNotExist:
            pass
    return LABELS.get(key, key)
