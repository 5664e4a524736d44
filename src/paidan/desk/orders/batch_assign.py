"""Batch actions that decide where orders go: allocate now, assign to a warehouse or team, change the carrier."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.allocation.assigning import assign_orders
from paidan.allocation.carriers import change_carriers
from paidan.allocation.models import Allocation
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.states import LIVE
from paidan.allocation.transitions import cancel_allocations
from paidan.allocation.trying import Trial, foresee, try_now
from paidan.kit.errors import Refusal
from paidan.network.models import FreightRate, Team, Warehouse
from paidan.network.scopes import visible_teams, visible_warehouses
from paidan.orders.models import Order
from paidan.orders.queue import OPEN_STATES
from paidan.web import formats
from paidan.web.forms import PaidanForm
from paidan.web.lists import Applied, BatchAction, Change, Failure, Preview, Refusals
from paidan.web.lists.batch import Choices

from .batch_base import OrderAction, Outcome, failures, grouped
from .rows import REASON_WORDS


class AllocateNow(BatchAction):
    """Try the selected orders at once by the published rules."""

    key, label, capability, shortcut = "allocate", gettext_lazy("Allocate now"), Capability.CHANGE_ORDERS, "A"
    icon, primary, undo_minutes = "bolt", True, 0

    def title(self, number: int) -> str:
        return ngettext("Allocate %(number)d order now", "Allocate %(number)d orders now", number) % {"number": number}

    def button(self, number: int) -> str:
        return ngettext("Allocate %(number)d order", "Allocate %(number)d orders", number) % {"number": number}

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        return ngettext("Allocated %(number)d order", "Allocated %(number)d orders", number) % {"number": number}

    def preview(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Preview:  # noqa: ARG002
        trial = foresee(ids, now=now)
        changes = []
        if trial.parcels:
            mean = round(trial.distance_m / trial.parcels)
            changes = [
                Change(_("Freight"), formats.DASH, formats.money(trial.freight_minor), ""),
                Change(_("Average distance"), formats.DASH, formats.distance(mean), ""),
                Change(_("Parcels"), formats.DASH, formats.count(trial.parcels), ""),
            ]
        return Preview(len(trial.served), [*by_reason(trial), *grouped(trial.refused)], changes)

    def apply(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Applied:  # noqa: ARG002
        trial = try_now(ids, now=now)
        if trial.served:
            record_change("orders.allocated", by=user, now=now, number=len(trial.served))
        return Applied(len(trial.served), [*stuck(trial), *failures(trial.refused)])

    def undo(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Applied:  # noqa: ARG002
        return Applied(0)  # the next wave would decide the same again


def by_reason(trial: Trial) -> list[Refusals]:
    counted = Counter(trial.failed.values()).most_common()
    return [Refusals(REASON_WORDS.get(reason, _("not decided")), number) for reason, number in counted]


def stuck(trial: Trial) -> list[Failure]:
    numbers = dict(Order.objects.filter(pk__in=list(trial.failed)).values_list("pk", "number"))
    return [
        Failure(key, numbers.get(key, str(key)), str(REASON_WORDS.get(reason, _("not decided"))))
        for key, reason in trial.failed.items()
    ]


class AssignForm(PaidanForm):
    warehouse = forms.ModelChoiceField(Warehouse.objects.none(), label=gettext_lazy("Warehouse"), empty_label="")
    team = forms.ModelChoiceField(
        Team.objects.none(), label=gettext_lazy("Team"), required=False, empty_label=gettext_lazy("the least loaded")
    )
    force = forms.BooleanField(label=gettext_lazy("Also what a team has accepted"), required=False)
    reason = forms.CharField(label=gettext_lazy("Why (optional)"), max_length=100, required=False)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse"].queryset = visible_warehouses(user)  # type: ignore[attr-defined]
        self.fields["team"].queryset = visible_teams(user).filter(active=True)  # type: ignore[attr-defined]
        if not user.can(Capability.FORCE_REASSIGN):
            del self.fields["force"]


class Assign(OrderAction):
    """Send what is open, or assigned elsewhere, to one warehouse and team."""

    key, label, capability, shortcut = "assign", gettext_lazy("Assign to…"), Capability.ASSIGN_ORDERS, "W"
    icon, log, chunk = "building-warehouse", "orders.assigned", 500

    def title(self, number: int) -> str:
        return ngettext("Assign %(number)d order", "Assign %(number)d orders", number) % {"number": number}

    def button(self, number: int) -> str:
        return ngettext("Assign %(number)d order", "Assign %(number)d orders", number) % {"number": number}

    def result(self, number: int, choices: Choices) -> str:
        warehouse = Warehouse.objects.filter(pk=choices.get("warehouse") or 0).first()
        said = ngettext("%(number)d order goes to %(warehouse)s", "%(number)d orders go to %(warehouse)s", number)
        return said % {"number": number, "warehouse": warehouse}

    def form(self, user: Any, data: Any = None) -> AssignForm:
        return AssignForm(user, data)

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:
        warehouse, team = place_of(choices)
        waiting = Order.objects.filter(pk__in=ids, state__in=OPEN_STATES).values_list("pk", flat=True)
        first = assign_orders(list(waiting), warehouse=warehouse, team=team, now=now, by=user)
        settled = [key for key in ids if key not in set(first.done) and key not in first.refused]
        live = list(Allocation.objects.filter(order_id__in=settled, state__in=LIVE).order_by("id"))
        how: dict[str, Any] = {"force": bool(choices.get("force")), "reason": str(choices.get("reason") or "")}
        moved = reassign_allocations([row.pk for row in live], warehouse=warehouse, team=team, now=now, by=user, **how)
        order_of = {row.pk: row.order_id for row in live}
        done = {order_of[key] for key in moved.done}
        refused = dict(first.refused) | {
            order_of[key]: code for key, code in moved.refused.items() if order_of[key] not in done
        }
        refused |= {key: "nothing_open" for key in settled if key not in done and key not in refused}
        was = {row.pk: row for row in live}
        before = [was[key] for key in moved.done]
        after = list(Allocation.objects.filter(pk__in=[*first.created, *moved.created]))
        undo = [["cancel", key] for key in first.created]
        undo += [
            ["back", new, was[old].warehouse_id, was[old].team_id]
            for old, new in zip(moved.done, moved.created, strict=True)
        ]
        return Outcome([*first.done, *sorted(done)], refused, price_changes(before, after), undo)

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        gone = [item[1] for item in items if item[0] == "cancel"]
        order_of = dict(Allocation.objects.filter(pk__in=[item[1] for item in items]).values_list("pk", "order_id"))
        found = cancel_allocations(gone, now=now, by=user, reason="undone")
        done, refused = list(found.done), dict(found.refused)
        places: dict[tuple[int, int | None], list[int]] = {}
        for item in items:
            if item[0] == "back":
                places.setdefault((item[2], item[3]), []).append(item[1])
        for (warehouse, team), ids in places.items():
            place = Warehouse.objects.get(pk=warehouse)
            named = Team.objects.filter(pk=team or 0).first()
            back = reassign_allocations(ids, warehouse=place, team=named, now=now, by=user)
            done += back.done
            refused |= back.refused
        return Outcome([order_of[key] for key in done], {order_of[key]: code for key, code in refused.items()})


def place_of(choices: Choices) -> tuple[Warehouse, Team | None]:
    """The place a form named; a team of elsewhere is refused by the services."""
    warehouse = Warehouse.objects.filter(pk=choices.get("warehouse") or 0).first()
    if warehouse is None:
        raise Refusal("no_warehouse", gettext_lazy("Choose a warehouse."))
    return warehouse, Team.objects.filter(pk=choices.get("team") or 0).first()


def price_changes(before: Sequence[Allocation], after: Sequence[Allocation]) -> list[Change]:
    """Freight, distance and lateness before and after, of what is live on both sides."""
    if not after:
        return []
    was, now = (sum(row.freight_minor for row in rows) for rows in (before, after))
    far, near = (mean_m(rows) for rows in (before, after))
    late, later = (sum(row.late_s > 0 for row in rows) for rows in (before, after))
    apart = formats.DASH if far is None or near is None else _signed(formats.distance(abs(near - far)), near - far)
    return [
        Change(
            _("Freight"), formats.money(was), formats.money(now), formats.money_change(now - was), better=now <= was
        ),
        Change(_("Average distance"), formats.distance(far), formats.distance(near), apart, better=None),
        Change(
            _("Late parcels"),
            formats.count(late),
            formats.count(later),
            formats.change(later - late),
            better=later <= late,
        ),
    ]


def mean_m(rows: Sequence[Allocation]) -> int | None:
    known = [row.distance_m for row in rows if row.distance_m is not None]
    return round(sum(known) / len(known)) if known else None


def _signed(written: str, difference: int) -> str:
    return ("+" if difference > 0 else formats.MINUS if difference < 0 else "") + written


class CarrierForm(PaidanForm):
    carrier = forms.ChoiceField(label=gettext_lazy("Carrier"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = FreightRate.objects.order_by("carrier").values_list("carrier", flat=True).distinct()
        self.fields["carrier"].choices = [(name, name) for name in known]  # type: ignore[attr-defined]


class ChangeCarrier(OrderAction):
    """Another carrier for what has not left."""

    key, label, capability = "carrier", gettext_lazy("Change the carrier…"), Capability.CHANGE_ORDERS
    icon, in_menu, log, form_class = "truck", True, "orders.carrier_changed", CarrierForm

    def title(self, number: int) -> str:
        said = ngettext("Change the carrier of %(number)d order", "Change the carrier of %(number)d orders", number)
        return said % {"number": number}

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:
        said = ngettext("%(number)d order goes with %(carrier)s", "%(number)d orders go with %(carrier)s", number)
        return said % {"number": number, "carrier": choices.get("carrier", "")}

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:
        before = {row.pk: row for row in Allocation.objects.filter(order_id__in=ids, state__in=LIVE)}
        batch, was = change_carriers(dict.fromkeys(ids, str(choices["carrier"])), now=now, by=user)
        after = list(Allocation.objects.filter(pk__in=list(was)))
        undo = [[row.order_id, was[row.pk]] for row in after]
        return Outcome(batch.done, batch.refused, price_changes([before[key] for key in was], after), undo)

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        batch, _was = change_carriers(dict(items), now=now, by=user)
        return Outcome(batch.done, batch.refused)
