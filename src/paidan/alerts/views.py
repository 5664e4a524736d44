"""The bell, the list of what is open, the watches and the channels."""

from datetime import timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.network.scopes import scope_of
from paidan.web.forms import handle_form
from paidan.web.pages import page
from paidan.web.replies import go, toast, toasts_only

from .forms import EXAMPLES, ChannelForm, SubscriptionForm, WatchForm
from .models import Channel, Message, Reminder, ReminderRule, ReportSubscription
from .reports import cut_in_words, send_report
from .scopes import visible_reminders
from .sending import deliver
from .watching import acknowledge
from .words import link, place, said, watched

SHOWN = 8
KEPT = 100


def in_scope(user: User, reminder_id: int) -> bool:
    return visible_reminders(user).filter(pk=reminder_id).exists()


def unlimited(user: User, **_captured: Any) -> bool:
    """What is watched is watched for all: only who sees everything sets it."""
    return scope_of(user).is_everything


def may_take(user: User) -> bool:
    return user.can(Capability.RESOLVE_EXCEPTIONS)


def lines(rows: Any, now: Any) -> list[dict[str, Any]]:
    return [{"row": row, "said": said(row, now), "url": link(row), "place": place(row)} for row in rows]


@page(Capability.SEE_ORDERS)
def bell(request: HttpRequest) -> HttpResponse:
    """The bell of the top bar: how many nobody has acknowledged, and the first of them."""
    user, now = cast(User, request.user), timezone.now()
    waiting = visible_reminders(user).filter(closed_at=None, acknowledged_at=None).order_by("-opened_at")
    rows = list(waiting[: SHOWN + 1])
    number = len(rows) if len(rows) <= SHOWN else waiting.count()
    context = {"lines": lines(rows[:SHOWN], now), "number": number, "newest": rows[0].pk if rows else 0}
    context["may_take"] = may_take(user)
    return render(request, "alerts/bell.html", context)


@page(Capability.SEE_ORDERS)
def reminders(request: HttpRequest) -> HttpResponse:
    """What is open, then what is over; and what could not be sent."""
    user, now = cast(User, request.user), timezone.now()
    mine = visible_reminders(user)
    manages = user.can(Capability.MANAGE_ALERTS) and unlimited(user)
    failed = Message.objects.filter(state=Message.State.FAILED, at__gt=now - timedelta(days=1))
    context = {
        "heading": _("Reminders"),
        "live_topics": ["alerts"],
        "open": lines(mine.filter(closed_at=None).order_by("acknowledged_at", "-opened_at")[:KEPT], now),
        "over": lines(mine.exclude(closed_at=None).order_by("-closed_at")[:20], now),
        "failed": list(failed.select_related("channel").order_by("-at")[:10]) if manages else [],
        "may_manage": manages,
        "may_take": may_take(user),
    }
    return render(request, "alerts/reminders.html", context)


@page(Capability.RESOLVE_EXCEPTIONS, methods=("POST",), scope=in_scope)
def take(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """Somebody has it."""
    row, user, now = get_object_or_404(Reminder, pk=reminder_id), cast(User, request.user), timezone.now()
    acknowledge(row, by=user, now=now)
    record_change("reminder.acknowledged", by=user, now=now, reminder=row.pk)
    toast(request, _("You have it: nobody is reminded of it again before it is over."))
    if request.headers.get("HX-Request"):
        return toasts_only(request, changed="paidan:refresh")
    return go(request, "alerts:reminders")


@page(Capability.MANAGE_ALERTS)
def settings(request: HttpRequest) -> HttpResponse:
    """What is watched and through which channels people hear of it."""
    watches = ReminderRule.objects.select_related("shop", "warehouse").prefetch_related("channels", "escalate_to")
    last: dict[int, Message] = {}
    for message in Message.objects.order_by("channel_id", "-at").distinct("channel_id"):
        last[message.channel_id] = message
    context = {
        "heading": _("What is watched"),
        "crumbs": [(_("Reminders"), reverse("alerts:reminders"))],
        "may_change": unlimited(cast(User, request.user)),
        "watches": [{"row": row, "said": watched(row)} for row in watches.order_by("id")],
        "channels": [{"row": row, "last": last.get(row.pk)} for row in Channel.objects.order_by("name")],
        "reports": [
            {"row": row, "cut": cut_in_words(row.query)}
            for row in ReportSubscription.objects.select_related("channel", "owner").order_by("name", "id")
        ],
    }
    return render(request, "alerts/settings.html", context)


def crumbs() -> list[tuple[str, str]]:
    return [(_("Reminders"), reverse("alerts:reminders")), (_("What is watched"), reverse("alerts:settings"))]


def watch_page(request: HttpRequest, row: ReminderRule | None) -> HttpResponse:
    def save(form: WatchForm) -> str:
        kept = form.save()
        record_change("reminder.watched", by=cast(User, request.user), now=timezone.now(), of=kept, kind=kept.kind)
        return _("Kept. The next look is within a minute.")

    return handle_form(
        request,
        WatchForm,
        save=save,
        to=reverse("alerts:settings"),
        instance=row,
        heading=_("Watch something") if row is None else watched(row),
        crumbs=crumbs(),
        button=_("Keep"),
    )


@page(Capability.MANAGE_ALERTS, methods=("GET", "POST"), scope=unlimited)
def new_watch(request: HttpRequest) -> HttpResponse:
    return watch_page(request, None)


@page(Capability.MANAGE_ALERTS, methods=("GET", "POST"), scope=unlimited)
def watch(request: HttpRequest, watch_id: int) -> HttpResponse:
    return watch_page(request, get_object_or_404(ReminderRule, pk=watch_id))


@page(Capability.MANAGE_ALERTS, methods=("POST",), scope=unlimited)
def drop_watch(request: HttpRequest, watch_id: int) -> HttpResponse:
    """Not watched any more; what it has found goes with it."""
    row = get_object_or_404(ReminderRule, pk=watch_id)
    record_change("reminder.dropped", by=cast(User, request.user), now=timezone.now(), kind=row.kind)
    row.delete()
    toast(request, _("That is not watched any more."))
    return go(request, "alerts:settings")


def channel_page(request: HttpRequest, row: Channel | None) -> HttpResponse:
    def save(form: ChannelForm) -> str:
        kept = form.save()
        record_change("channel.changed", by=cast(User, request.user), now=timezone.now(), of=kept)
        return _("%(name)s is kept. Send a message to try it.") % {"name": kept}

    return handle_form(
        request,
        ChannelForm,
        save=save,
        to=reverse("alerts:settings"),
        template="alerts/channel.html",
        instance=row,
        heading=str(row) if row else _("New channel"),
        crumbs=crumbs(),
        button=_("Keep"),
        examples=[(Channel.Service(key).label, example) for key, example in EXAMPLES.items()],
    )


@page(Capability.MANAGE_ALERTS, methods=("GET", "POST"), scope=unlimited)
def new_channel(request: HttpRequest) -> HttpResponse:
    return channel_page(request, None)


@page(Capability.MANAGE_ALERTS, methods=("GET", "POST"), scope=unlimited)
def channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    return channel_page(request, get_object_or_404(Channel, pk=channel_id))


@page(Capability.MANAGE_ALERTS, methods=("POST",), scope=unlimited)
def try_channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """A message to see that it arrives."""
    row = get_object_or_404(Channel, pk=channel_id)
    problem = deliver(row, _("Paidan"), _("This is a trial: reminders will arrive here."))
    if problem:
        toast(request, _("%(name)s did not take it: %(problem)s") % {"name": row, "problem": problem}, bad=True)
    else:
        toast(request, _("Sent to %(name)s. Look there.") % {"name": row})
    return go(request, "alerts:settings")


def subscription_page(request: HttpRequest, row: ReportSubscription | None) -> HttpResponse:
    user = cast(User, request.user)

    def save(form: SubscriptionForm) -> str:
        kept = form.save(commit=False)
        if row is None:
            kept.owner, kept.query = user, request.GET.urlencode()[:500]
        kept.save()
        record_change("report.scheduled", by=user, now=timezone.now(), of=kept)
        return _("%(name)s is kept and sent at its time.") % {"name": kept}

    return handle_form(
        request,
        SubscriptionForm,
        save=save,
        to=reverse("alerts:settings"),
        instance=row,
        heading=str(row) if row else _("Send a report regularly"),
        crumbs=crumbs(),
        button=_("Keep"),
        intro=_("It is cut by: %(cut)s.") % {"cut": cut_in_words(row.query if row else request.GET.urlencode())},
    )


@page(Capability.MANAGE_ALERTS, methods=("GET", "POST"), scope=unlimited)
def new_subscription(request: HttpRequest) -> HttpResponse:
    """The report whose address asked for this, from now on at its time."""
    return subscription_page(request, None)


@page(Capability.MANAGE_ALERTS, methods=("GET", "POST"), scope=unlimited)
def subscription(request: HttpRequest, subscription_id: int) -> HttpResponse:
    return subscription_page(request, get_object_or_404(ReportSubscription, pk=subscription_id))


@page(Capability.MANAGE_ALERTS, methods=("POST",), scope=unlimited)
def drop_subscription(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Not sent any more."""
    row = get_object_or_404(ReportSubscription, pk=subscription_id)
    record_change("report.unscheduled", by=cast(User, request.user), now=timezone.now(), of=row)
    row.delete()
    toast(request, _("That report is not sent any more."))
    return go(request, "alerts:settings")


@page(Capability.MANAGE_ALERTS, methods=("POST",), scope=unlimited)
def send_now(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Once more, now, to see how it looks."""
    row = get_object_or_404(ReportSubscription.objects.select_related("channel", "owner"), pk=subscription_id)
    message = send_report(row, timezone.now())
    if message.problem:
        values = {"name": row.channel, "problem": message.problem}
        toast(request, _("%(name)s did not take it: %(problem)s") % values, bad=True)
    else:
        toast(request, _("Sent to %(name)s. Look there.") % {"name": row.channel})
    return go(request, "alerts:settings")
