"""A page of a list by key, or of what happened since a reader last asked."""

from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal
from paidan.orders.feed import position_of, touched_since

from .paging import page_of
from .problems import Problem


def page_or_feed(
    rows: QuerySet[Any], what: Literal["order_id", "allocation_id"], after: str, since: str, limit: int
) -> tuple[list[Any], str | None, bool]:
    """The rows, what to send for those after them, and whether there are more already."""
    if not since:
        found, following = page_of(rows, after, limit)
        return found, following, following is not None
    if after:
        said = _("“after” pages through a list, “updated_since” follows changes: send one of them.")
        raise Problem(422, "two_cursors", said, pointer="after")
    try:
        touched = touched_since(position_of(since), what, limit)
    except Refusal as refusal:
        raise Problem(422 if refusal.pointer else 409, refusal.code, str(refusal), pointer=refusal.pointer) from refusal
    by_id = {row.pk: row for row in rows.filter(pk__in=touched.ids)}
    return [by_id[key] for key in touched.ids if key in by_id], str(touched.following), touched.more
