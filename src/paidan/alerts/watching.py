"""Looking, once a minute: reminders begin, go on and end; nobody has to close one whose cause is gone."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from paidan.accounts.models import User
from paidan.web.live import note_change

from .findings import findings
from .models import USUAL, Kind, Message, Reminder, ReminderRule

KEPT = timedelta(days=90)


def begin_watching() -> None:
    """The watches a new installation begins with; once there was any, people decide."""
    if not ReminderRule.objects.exists():
        ReminderRule.objects.bulk_create(ReminderRule(kind=kind, limit=USUAL[kind]) for kind in Kind)


@transaction.atomic
def look(now: datetime) -> list[Reminder]:
    """Bring the open reminders in line with what is found now; answers those that are open.

    One look at a time: a second worker would find the same things at the same moment.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('paidan.alerts.look'))")
    known = {(row.rule_id, row.group): row for row in Reminder.objects.filter(closed_at=None)}
    rules = ReminderRule.objects.filter(active=True).select_related("shop", "warehouse")
    found = {(rule.pk, one.group): (rule, one) for rule in rules for one in findings(rule, now)}
    open_now, changed = [], False
    for key, (rule, one) in found.items():
        row = known.pop(key, None)
        if row is None:
            places = {"shop_id": one.shop_id, "warehouse_id": one.warehouse_id, "team_id": one.team_id}
            row = Reminder(rule=rule, group=one.group, opened_at=now, **places)
            changed = True
        row.number, row.since_at, row.seen_at = one.number, one.since_at, now
        row.save()
        open_now.append(row)
    for row in known.values():
        row.closed_at = now
        row.save(update_fields=["closed_at"])
        changed = True
    if changed:
        note_change("alerts")
    return open_now


def forget(now: datetime) -> None:
    """Drop what has been over for long, and old messages."""
    Reminder.objects.filter(closed_at__lt=now - KEPT).delete()
    Message.objects.filter(at__lt=now - KEPT).delete()


def acknowledge(reminder: Reminder, *, by: User, now: datetime) -> None:
    """Somebody has it: no more messages about this group until it is over and begins anew."""
    Reminder.objects.filter(pk=reminder.pk, acknowledged_at=None).update(acknowledged_at=now, acknowledged_by=by)
    note_change("alerts")
