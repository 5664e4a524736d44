"""Regular reports: which are due, what is said, and the file that goes with a mail.

A report is due once on each of its days, from its time on. It is marked as sent before it is sent: a worker that dies
in between leaves one report out rather than sending it twice.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from paidan.reports.asking import BY, Asked, asked_for
from paidan.reports.refresh import catch_up
from paidan.reports.rows import Report, Row, report_of
from paidan.reports.views import heads_of, lines_of
from paidan.reports.words import hours_and_minutes
from paidan.web import formats
from paidan.web.exports import csv_chunks

from .models import Channel, Message, ReportSubscription
from .sending import deliver

MOST_ROWS = 20
"""Rows a message names; the rest is in the file."""


def send_reports(now: datetime) -> int:
    """Send what is due; answers how many were."""
    sent = 0
    for one in due(now):
        mine = ReportSubscription.objects.filter(pk=one.pk, sent_at=one.sent_at)
        if mine.update(sent_at=now):  # else another worker has it
            send_report(one, now)
            sent += 1
    return sent


def due(now: datetime) -> list[ReportSubscription]:
    """Those whose day and time have come and that were not sent today."""
    local = now.astimezone(ZoneInfo(settings.DISPLAY_TIME_ZONE))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    of_today = Q(every=ReportSubscription.Every.DAY) | Q(every=local.isoweekday())
    waiting = Q(sent_at=None) | Q(sent_at__lt=midnight)
    found = ReportSubscription.objects.filter(
        of_today, waiting, active=True, channel__active=True, at__lte=local.time()
    )
    return list(found.filter(owner__is_active=True).select_related("owner", "channel").order_by("id"))


def send_report(one: ReportSubscription, now: datetime) -> Message:
    """One report through its channel, in the channel's language and the business's time zone."""
    catch_up(now=now)
    with translation.override(one.channel.language), timezone.override(ZoneInfo(settings.DISPLAY_TIME_ZONE)):
        query = QueryDict(one.query, mutable=True)
        query["range"] = one.days
        report = report_of(asked_for(one.owner, query, timezone.localdate(now)))
        title = _("%(name)s, %(days)s") % {"name": one.name, "days": _days(report.asked)}
        body = "\n".join(lines(report))
        problem = _delivered(one.channel, title, body, report)
    state = Message.State.FAILED if problem else Message.State.SENT
    text = f"{title}\n{body}"
    return Message.objects.create(channel=one.channel, at=now, state=state, text=text, problem=problem[:300])


def _days(asked: Asked) -> str:
    return formats.day_range(asked.days.first, asked.days.last, today=timezone.localdate())


def lines(report: Report) -> list[str]:
    """The total, then a line per row."""
    said = [line_of(_("Total"), report.total), ""]
    said += [line_of(row.name, row) for row in report.rows[:MOST_ROWS]]
    if len(report.rows) > MOST_ROWS:
        said.append(_("… and %(more)d more") % {"more": len(report.rows) - MOST_ROWS})
    return said


def line_of(name: str, row: Row) -> str:
    one = row.now
    return _(
        "%(name)s: %(parcels)s allocations, %(shipped)s shipped, %(exceptions)s exceptions, on time %(on_time)s, "
        "paid to shipped %(median)s (median)"
    ) % {
        "name": name,
        "parcels": formats.count(one.parcels),
        "shipped": formats.count(one.n["shipped_n"]),
        "exceptions": formats.count(one.n["problems_n"]),
        "on_time": formats.percent(one.on_time, 1),
        "median": hours_and_minutes(one.median_s("whole")),
    }


def _delivered(channel: Channel, title: str, body: str, report: Report) -> str:
    if channel.service != Channel.Service.MAIL:
        return deliver(channel, title, body)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"report-{report.asked.by}.csv"
        file.write_bytes(b"".join(csv_chunks(heads_of(report), lines_of(report))))
        return deliver(channel, title, body, str(file))


def cut_in_words(query: str) -> str:
    """What a kept report is cut by."""
    by = QueryDict(query).get("by", "")
    return str(BY[by][0] if by in BY else BY["warehouse"][0])
