"""The list of deliveries: what waits, what was given up and why, what arrived; and sending again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.network.scopes import scope_of
from paidan.web import components
from paidan.web.lists import Applied, BatchAction, ChoiceFilter, Column, ListPage, NumbersFilter, Preview, Refusals, Tab
from paidan.web.lists.batch import Choices, Failure

from ..models import Delivery, Endpoint
from .events import WebhookEvent
from .sending import problem_words
from .services import send_again

DOTS = {Delivery.State.WAITING: "pending", Delivery.State.DELIVERED: "shipped", Delivery.State.DEAD: "exception"}
TABS = {"dead": Delivery.State.DEAD, "waiting": Delivery.State.WAITING, "delivered": Delivery.State.DELIVERED}


class SendAgain(BatchAction):
    """Given-up messages anew, or delivered ones once more."""

    key, label, icon, shortcut = "again", gettext_lazy("Send again"), "send", "S"
    capability = Capability.MANAGE_WEBHOOKS

    def title(self, number: int) -> str:
        return ngettext("Send %(number)d message again", "Send %(number)d messages again", number) % {"number": number}

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        return ngettext(
            "%(number)d message is on its way again", "%(number)d messages are on their way again", number
        ) % {"number": number}

    def preview(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Preview:  # noqa: ARG002
        waiting = Delivery.objects.filter(pk__in=ids, state=Delivery.State.WAITING).count()
        cannot = [Refusals(_("still waiting for its next try"), waiting)] if waiting else []
        return Preview(can=len(ids) - waiting, cannot=cannot)

    def apply(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Applied:  # noqa: ARG002
        done = send_again(ids, now=now)
        record_change("webhook.sent_again", by=user, now=now, number=len(done))
        kept = set(ids) - set(done)
        said = _("It is still waiting for its next try.")
        return Applied(len(done), failures=[Failure(key, str(key), said) for key in sorted(kept)])


def answer_words(row: Delivery) -> str:
    return problem_words(row.problem) if row.problem else (str(row.status) if row.status else "")


def endpoint_choices() -> list[tuple[int, str]]:
    return list(Endpoint.objects.order_by("name").values_list("id", "name"))


COLUMNS = (
    Column(
        "since",
        gettext_lazy("Since"),
        lambda row, now: components.time(row.created_at, now=now),
        sort="id",
        export=lambda row: row.created_at,
        width="108px",
    ),
    Column(
        "state",
        gettext_lazy("State"),
        lambda row, _now: components.state_dot(DOTS[Delivery.State(row.state)], row.get_state_display()),
        export=lambda row: row.get_state_display(),
        width="96px",
    ),
    Column(
        "endpoint",
        gettext_lazy("Webhook"),
        lambda row, _now: row.endpoint.name,
        export=lambda row: row.endpoint.name,
        width="150px",
    ),
    Column(
        "event",
        gettext_lazy("Event"),
        lambda row, _now: format_html("<code>{}</code>", row.event),
        export=lambda row: row.event,
        width="176px",
    ),
    Column(
        "order",
        gettext_lazy("Order"),
        lambda row, _now: row.order_number or components.dash(),
        export=lambda row: row.order_number,
        width="190px",
    ),
    Column("tries", gettext_lazy("Tries"), lambda row, _now: row.tries_n, number=True, width="64px"),
    Column(
        "answer", gettext_lazy("Answer"), lambda row, _now: answer_words(row), export=answer_words, title=answer_words
    ),
    Column(
        "next",
        gettext_lazy("Next try"),
        lambda row, now: (
            components.time(row.next_at, now=now) if row.state == Delivery.State.WAITING else components.dash()
        ),
        export=lambda row: row.next_at if row.state == Delivery.State.WAITING else None,
        width="108px",
    ),
    Column(
        "message",
        gettext_lazy("Message"),
        lambda row, _now: format_html('<span class="mono">{}</span>', row.message),
        export=lambda row: row.message,
        width="170px",
        wide=True,
    ),
)


class DeliveryList(ListPage[Delivery]):
    """Given up first: those need somebody."""

    key, namespace, heading, capability = "deliveries", "alerts", gettext_lazy("Deliveries"), Capability.MANAGE_WEBHOOKS
    columns, default_sort, actions = COLUMNS, "-id", (SendAgain(),)
    filters = (
        ChoiceFilter(
            key="endpoint",
            label=gettext_lazy("Webhook"),
            field="endpoint_id",
            choices=endpoint_choices,
            common=True,
        ),
        ChoiceFilter(
            key="event", label=gettext_lazy("Event"), choices=lambda: WebhookEvent.choices, integers=False, common=True
        ),
        NumbersFilter(key="numbers", label=gettext_lazy("Paste numbers"), field="order_number"),
    )
    tabs = (
        Tab("dead", gettext_lazy("Given up"), tone="bad"),
        Tab("waiting", pgettext_lazy("webhooks", "Waiting")),
        Tab("delivered", gettext_lazy("Delivered")),
    )

    def rows(self, user: User) -> QuerySet[Delivery]:
        return Delivery.objects.all() if scope_of(user).is_everything else Delivery.objects.none()

    def of_tab(self, rows: QuerySet[Delivery], tab: str, now: datetime) -> QuerySet[Delivery]:  # noqa: ARG002
        return rows.filter(state=TABS[tab])

    def tab_counts(self, user: User, now: datetime) -> Mapping[str, int]:  # noqa: ARG002
        waiting = self.rows(user)
        return {tab: waiting.filter(state=TABS[tab]).count() for tab in ("dead", "waiting")}

    def shown(self, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return rows.select_related("endpoint").defer("body", "endpoint__secrets")

    def row_label(self, row: Delivery) -> str:
        return row.message

    def context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        first = [(_("Settings"), reverse("desk:settings")), (_("Webhooks"), reverse("alerts:webhooks"))]
        return {"crumbs": first}

    def empty(self, request: HttpRequest) -> dict[str, Any]:
        tab = request.GET.get("tab", "dead")
        if tab == "dead":
            return {"title": _("Nothing was given up"), "sentence": "", "good": True, "mark": "circle-check"}
        return {"title": _("No message here"), "sentence": "", "mark": "send"}
