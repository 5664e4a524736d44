"""What changed since a page was made: one small mark per set of topics, compared by the browser every few seconds.

Statement triggers insert a ChangeMark per changed table (docs/adr/0005-live-pages.md); nothing here knows the tables.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection

from .models import ChangeMark

TOPICS = ("orders", "network", "stock", "rules", "imports", "whatif", "waves")
KEPT = timedelta(hours=1)

MARK = """
SELECT coalesce(string_agg(concat_ws(':', topic, newest, n), ' ' ORDER BY topic), '')
FROM (SELECT topic, max(id) AS newest, count(*) AS n FROM web_changemark WHERE topic = ANY(%s) GROUP BY topic) marks
"""


def mark_of(topics: Sequence[str]) -> str:
    """The state of these topics as a word: different after every committed change of theirs.

    The count stands beside the newest id because a transaction that took its id earlier may commit later.
    """
    with connection.cursor() as cursor:
        cursor.execute(MARK, [list(topics)])
        (mark,) = cursor.fetchone()
    return str(mark)


def changed_since(topics: Sequence[str], since: str) -> bool:
    """Whether any transaction that began after this instant (seconds since 1970; no number = no) changed a topic."""
    try:
        after = datetime.fromtimestamp(float(since), UTC)
    except (ValueError, OverflowError, OSError):
        return False
    return ChangeMark.objects.filter(topic__in=topics, at__gt=after).exists()


def note_change(topic: str) -> None:
    """For changes no trigger sees."""
    ChangeMark.objects.create(topic=topic)


def prune_marks(*, now: datetime) -> int:
    """Forget old marks; pages learn of it as one change too many.

    A new one takes their place: otherwise what is left could look as it did before a change that was seen late.
    """
    old = ChangeMark.objects.filter(at__lt=now - KEPT)
    for topic in sorted(set(old.values_list("topic", flat=True))):
        note_change(topic)
    return old.delete()[0]
