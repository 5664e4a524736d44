"""Setting the order check: which checks are on for whom, the words of remarks, the blacklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from paidan.network.models import Shop

from ..models import Blacklisted, CheckProfile, RemarkWord

Checks = Mapping[str, Mapping[str, Any]]


@transaction.atomic
def save_checks(shop: Shop | None, checks: Checks, *, now: datetime) -> list[str]:
    """Store what is set by default (no shop) or in one shop; answers the checks that differ from before."""
    row = CheckProfile.objects.select_for_update().filter(shop=shop).first() or CheckProfile(shop=shop)
    before, after = row.checks, {name: _stored(said) for name, said in checks.items()}
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if changed:
        row.checks, row.changed_at = after, now
        row.save()
    return changed


@transaction.atomic
def save_words(words: Mapping[str, str]) -> bool:
    """Store which word of a remark means which tag; whether anything is different now."""
    if dict(RemarkWord.objects.values_list("word", "tag")) == dict(words):
        return False
    RemarkWord.objects.all().delete()
    RemarkWord.objects.bulk_create(RemarkWord(word=word, tag=tag) for word, tag in words.items())
    return True


@transaction.atomic
def save_blacklist(texts: Mapping[str, Sequence[str]]) -> bool:
    """Store whose orders are held, by what they are known by; whether anything is different now."""
    kept = set(Blacklisted.objects.values_list("what", "text"))
    wanted = {(what, text) for what, listed in texts.items() for text in listed}
    for what, text in kept - wanted:
        Blacklisted.objects.filter(what=what, text=text).delete()
    Blacklisted.objects.bulk_create(Blacklisted(what=what, text=text) for what, text in sorted(wanted - kept))
    return kept != wanted


def _stored(said: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON holds it: instants in ISO 8601, words as lists."""

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat()
        return list(value) if isinstance(value, tuple) else value

    return {name: plain(value) for name, value in said.items()}
