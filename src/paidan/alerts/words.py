"""A reminder as a sentence, and where to look at what it is about."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.web import formats

from .models import Kind, Reminder, ReminderRule


def place(reminder: Reminder) -> str:
    """Where it is: the team's, the warehouse's, the shop's name."""
    names = [str(one) for one in (reminder.warehouse, reminder.team) if one]
    return " · ".join(names) or (str(reminder.shop) if reminder.shop else _("everywhere in all shops"))


def said(reminder: Reminder, now: datetime) -> str:
    """What, how much, since when."""
    number, kind = reminder.number, Kind(reminder.rule.kind)
    values = {
        "place": place(reminder),
        "number": formats.count(number),
        "for": formats.span(max(0.0, (now - reminder.since_at).total_seconds())),
        "limit": reminder.rule.limit,
    }
    match kind:
        case Kind.UNALLOCATED:
            text = ngettext(
                "%(place)s: %(number)s order without a warehouse, the oldest for %(for)s",
                "%(place)s: %(number)s orders without a warehouse, the oldest for %(for)s",
                number,
            )
        case Kind.DUE:
            text = ngettext(
                "%(place)s: %(number)s parcel is due within %(limit)s h",
                "%(place)s: %(number)s parcels are due within %(limit)s h",
                number,
            )
        case Kind.NOT_ACCEPTED:
            text = ngettext(
                "%(place)s has not accepted %(number)s order, the oldest for %(for)s",
                "%(place)s has not accepted %(number)s orders, the oldest for %(for)s",
                number,
            )
        case Kind.EXCEPTION:
            text = ngettext(
                "%(place)s: %(number)s exception unsettled, the oldest for %(for)s",
                "%(place)s: %(number)s exceptions unsettled, the oldest for %(for)s",
                number,
            )
        case Kind.CAPACITY:
            text = _("%(place)s has %(number)s orders today, at or above %(limit)s%% of its capacity")
        case Kind.SHORT:
            text = ngettext(
                "%(place)s: %(number)s order waits for stock, the oldest for %(for)s",
                "%(place)s: %(number)s orders wait for stock, the oldest for %(for)s",
                number,
            )
        case Kind.SILENT:
            text = _("%(place)s has sent no order for %(for)s")
        case Kind.NO_LAST_RULE:
            text = _("The rules in force leave orders out: none takes what is left over")
        case Kind.WEBHOOK:
            text = ngettext(
                "%(number)s webhook does not get through, for %(for)s",
                "%(number)s webhooks do not get through, the first for %(for)s",
                number,
            )
    return text % values


def link(reminder: Reminder) -> str:
    """The page that shows exactly this."""
    shop = {"shop": reminder.shop_id} if reminder.shop_id else {}
    match Kind(reminder.rule.kind):
        case Kind.UNALLOCATED | Kind.SHORT:
            return _page("desk:stuck", **shop)
        case Kind.DUE | Kind.NOT_ACCEPTED:
            team = {"team": reminder.team_id} if reminder.team_id else {"warehouse": reminder.warehouse_id}
            return _page("desk:orders", tab="allocated", **team)
        case Kind.EXCEPTION:
            return _page("desk:exceptions", **shop)
        case Kind.CAPACITY:
            return _page("desk:board")
        case Kind.SILENT:
            return _page("desk:orders", **shop)
        case Kind.NO_LAST_RULE:
            return _page("rules:list")
        case Kind.WEBHOOK:
            return _page("alerts:webhooks")


def _page(name: str, **query: object) -> str:
    return reverse(name) + (f"?{urlencode(query)}" if query else "")


def watched(rule: ReminderRule) -> str:
    """What a watch looks at, as a sentence."""
    values = {"limit": rule.limit}
    match Kind(rule.kind):
        case Kind.UNALLOCATED:
            text = _("An order has no warehouse %(limit)s minutes after it came in")
        case Kind.DUE:
            text = _("A parcel is due within %(limit)s hours and not shipped")
        case Kind.NOT_ACCEPTED:
            text = _("A team has not accepted an order for %(limit)s minutes")
        case Kind.EXCEPTION:
            text = _("An exception is unsettled for %(limit)s minutes")
        case Kind.CAPACITY:
            text = _("A warehouse has reached %(limit)s%% of its capacity today")
        case Kind.SHORT:
            text = _("An order waits for stock for %(limit)s minutes")
        case Kind.SILENT:
            text = _("A shop that sends orders has sent none for %(limit)s minutes")
        case Kind.NO_LAST_RULE:
            text = _("The rules in force leave orders out")
        case Kind.WEBHOOK:
            text = _("A webhook has not got through for %(limit)s minutes")
    return text % values
