"""Saying it outside: one message per channel and moment, however many reminders are due on it.

A reminder is due on its watch's channels when it begins and again every `repeat_min`, until it is acknowledged or over;
unacknowledged after `escalate_min`, also on those it escalates to. In a channel's quiet hours nothing is sent; what is
still open when they end is said then. What could not be sent is kept with its problem, shown, and tried again in five
minutes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import apprise
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from .models import Channel, Message, Reminder
from .words import said

RETRY = timedelta(minutes=5)
MOST_LINES = 20
"""Reminders a message names; of more the number is said."""


def send_due(reminders: Iterable[Reminder], now: datetime) -> list[Message]:
    """Send what is due; answers the messages, sent or not."""
    due: dict[int, list[Reminder]] = {}
    channels: dict[int, Channel] = {}
    for reminder in reminders:
        for channel in _channels_of(reminder, now):
            if channel.active and not is_quiet(channel, now) and _is_due(reminder, channel, now):
                channels[channel.pk] = channel
                due.setdefault(channel.pk, []).append(reminder)
    return [send(channels[key], rows, now) for key, rows in due.items()]


def _channels_of(reminder: Reminder, now: datetime) -> list[Channel]:
    if reminder.acknowledged_at is not None:
        return []
    rule = reminder.rule
    found = {channel.pk: channel for channel in rule.channels.all()}
    late = rule.escalate_min is not None and now - reminder.opened_at >= timedelta(minutes=rule.escalate_min)
    if late:
        found |= {channel.pk: channel for channel in rule.escalate_to.all()}
    return list(found.values())


def _is_due(reminder: Reminder, channel: Channel, now: datetime) -> bool:
    last = reminder.messages.filter(channel=channel).order_by("-at", "-pk").first()
    if last is None:
        return True
    wait = RETRY if last.state == Message.State.FAILED else timedelta(minutes=max(1, reminder.rule.repeat_min))
    return now - last.at >= wait


def is_quiet(channel: Channel, now: datetime) -> bool:
    """Whether the channel rests at this moment; the hours may run over midnight."""
    first, last = channel.quiet_from, channel.quiet_to
    if first is None or last is None:
        return False
    at = now.astimezone(ZoneInfo(settings.DISPLAY_TIME_ZONE)).time()
    return first <= at < last if first <= last else at >= first or at < last


def send(channel: Channel, reminders: Sequence[Reminder], now: datetime) -> Message:
    """One message about all of these, and the row that says how it went."""
    with translation.override(channel.language):
        title = _("Paidan: %(number)d to look at") % {"number": len(reminders)}
        lines = [f"• {said(one, now)}" for one in reminders[:MOST_LINES]]
        if len(reminders) > MOST_LINES:
            lines.append(_("… and %(more)d more") % {"more": len(reminders) - MOST_LINES})
    problem = deliver(channel, title, "\n".join(lines))
    state = Message.State.FAILED if problem else Message.State.SENT
    message = Message.objects.create(
        channel=channel, at=now, state=state, text="\n".join((title, *lines)), problem=problem[:300]
    )
    message.reminders.set(reminders)
    return message


def deliver(channel: Channel, title: str, body: str, file: str = "") -> str:
    """Hand it to the service, a mail with its file; answers what went wrong, "" when it was taken."""
    sender = apprise.Apprise()
    if not sender.add(channel.address):
        return _("The address is not one of a service we know.")
    with apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s") as log:  # type: ignore[no-untyped-call]
        sent = sender.notify(title=title, body=body, attach=file or None)
        told = log.getvalue().strip().splitlines()
    return "" if sent else (told[-1] if told else _("The service did not take it."))
