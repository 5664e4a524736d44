"""Ways out for many stuck orders at once: each foreseen, then done, then undone where nobody has begun."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.explain import explain_order
from paidan.allocation.models import Allocation
from paidan.allocation.relaxing import Relax
from paidan.allocation.returning import give_back_of_held
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import cancel_allocations
from paidan.allocation.trying import Trial, foresee, try_now
from paidan.desk.orders.batch_assign import AllocateNow, Assign, by_reason, stuck
from paidan.desk.orders.batch_base import OrderAction, Outcome, failures, grouped, rolled_back
from paidan.desk.orders.batch_state import HoldOrders
from paidan.desk.orders.queries import visible_orders
from paidan.desk.orders.ways_out import held_stock
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal
from paidan.network.models import Warehouse
from paidan.orders.caretakers import entrust_orders
from paidan.web import formats
from paidan.web.forms import PaidanForm
from paidan.web.lists import Applied, BatchAction, Change, Preview
from paidan.web.lists.batch import Choices, Words

FORESEEN = 200
"""Giving back is looked at order by order, so the preview of a larger selection looks at the first so many."""


class TryAgain(AllocateNow):
    """By the published rules, at once."""

    label, primary = gettext_lazy("Try again now"), False
    effect: ClassVar[Words] = gettext_lazy("By the published rules, with what is there now")

    def title(self, number: int) -> str:
        return ngettext("Try %(number)d order again", "Try %(number)d orders again", number) % {"number": number}


class Once(AllocateNow):
    """Allocate with one condition of the rules let go, this once."""

    relax: ClassVar[Relax]
    effect: ClassVar[Words]
    capability, shortcut, primary, undo_minutes = Capability.ASSIGN_ORDERS, "", False, 10
    in_menu = True

    def title(self, number: int) -> str:
        said = ngettext("%(remedy)s: %(number)d order", "%(remedy)s: %(number)d orders", number)
        return said % {"remedy": self.label, "number": number}

    def preview(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Preview:  # noqa: ARG002
        trial = foresee(ids, now=now, relax=self.relax)
        return Preview(len(trial.served), [*by_reason(trial), *grouped(trial.refused)], foreseen_changes(trial))

    def apply(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Applied:  # noqa: ARG002
        last = newest_allocation()
        trial = try_now(ids, now=now, relax=self.relax, by=user)
        if trial.served:
            record_change("orders.allocated", by=user, now=now, number=len(trial.served), relax=self.relax.value)
        undo = [list(pair) for pair in made_since(last, trial.served).values_list("pk", "order_id")]
        return Applied(len(trial.served), [*stuck(trial), *failures(trial.refused)], undo)

    def undo(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Applied:  # noqa: ARG002
        order_of = dict(items)
        batch = cancel_allocations(list(order_of), now=now, by=user, reason="undone")
        done = {order_of[key] for key in batch.done}
        if done:
            record_change("orders.allocated.undone", by=user, now=now, number=len(done))
        return Applied(len(done), failures({order_of[key]: code for key, code in batch.refused.items()}))


def newest_allocation() -> int:
    """The id of the newest allocation, 0 = there is none."""
    return Allocation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def made_since(last: int, orders: Sequence[int]) -> Any:
    """What was assigned of these orders since then."""
    return Allocation.objects.filter(pk__gt=last, order_id__in=orders, state=AllocationState.ASSIGNED)


def foreseen_changes(trial: Trial) -> list[Change]:
    """What the parcels would cost and how far they would go."""
    if not trial.parcels:
        return []
    dash, mean = formats.DASH, round(trial.distance_m / trial.parcels)
    return [
        Change(_("Freight"), dash, formats.money(trial.freight_minor), ""),
        Change(_("Average distance"), dash, formats.distance(mean), ""),
        Change(_("Parcels"), dash, formats.count(trial.parcels), ""),
        Change(_("Late parcels"), dash, formats.count(trial.late), ""),
    ]


class SplitOnce(Once):
    key, relax, label = "split-once", Relax.SPLIT, gettext_lazy("Allow a split once")
    effect = gettext_lazy("Whole lines from up to 3 warehouses, in as few parcels as will do")


class ShipPart(Once):
    key, relax, label = "ship-part", Relax.PARTIAL, gettext_lazy("Ship what is there")
    effect = gettext_lazy("One parcel from the warehouse that has most; the rest stays open")


class FartherOnce(Once):
    key, relax, label = "farther", Relax.DISTANCE, gettext_lazy("Go beyond the distance limit")
    effect = gettext_lazy("From the nearest warehouse that has it, however far")


class OutsideOnce(Once):
    key, relax, label = "outside", Relax.COVERAGE, gettext_lazy("Send outside the regions")
    effect = gettext_lazy("From warehouses that do not cover the place otherwise")


class AboveOnce(Once):
    key, relax, label = "above", Relax.CAPACITY, gettext_lazy("Go above capacity today")
    effect = gettext_lazy("Warehouses and teams take more than a day's work")


class AnyTeam(Once):
    key, relax, label = "any-team", Relax.TEAM, gettext_lazy("Let any team of the warehouse take them")
    effect = gettext_lazy("Whatever team the rule asks for")


class GiveBack(OrderAction):
    """Free what held orders keep reserved, and assign it to these."""

    key, label, capability = "give-back", gettext_lazy("Give back what held orders keep"), Capability.HOLD_ORDERS
    icon, in_menu, log, chunk = "", True, "orders.given_back", 25
    effect: ClassVar[Words] = gettext_lazy("Held orders stay on hold and lose their reservation")

    def title(self, number: int) -> str:
        said = ngettext("%(remedy)s: %(number)d order", "%(remedy)s: %(number)d orders", number)
        return said % {"remedy": self.label, "number": number}

    def button(self, number: int) -> str:
        return ngettext("Allocate %(number)d order", "Allocate %(number)d orders", number) % {"number": number}

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        return ngettext("Allocated %(number)d order", "Allocated %(number)d orders", number) % {"number": number}

    def preview(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Preview:
        found = rolled_back(lambda: self.run(user, ids[:FORESEEN], choices, now))
        note = _("The first %(number)s were looked at; all will be tried.") % {"number": FORESEEN}
        return Preview(len(found.done), grouped(found.refused), found.changes, note if len(ids) > FORESEEN else "")

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        done: list[int] = []
        refused: dict[int, str] = {}
        last = newest_allocation()
        hopeful = asking_for_what_is_held(ids)
        refused |= {key: "nothing_kept" for key in ids if key not in hopeful}
        for key in (key for key in ids if key in hopeful):
            try:
                with transaction.atomic():
                    _give_back(user, key, now)
                done.append(key)
            except Refusal as refusal:
                refused[key] = refusal.code
        made = made_since(last, done).values_list("pk", flat=True)
        return Outcome(done, refused, undo=[["cancel", key] for key in made])

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:
        return Assign().take_back(user, items, choices, now)


_ASKING = f"""
SELECT DISTINCT p.order_id FROM allocation_line_pieces p
WHERE p.order_id = ANY(%s) AND p.open_qty > 0 AND p.sku_id IN (
    SELECT part.sku_id FROM orders_hold h
    JOIN allocation_allocation a ON a.order_id = h.order_id AND a.state = {AllocationState.ASSIGNED}
    JOIN allocation_allocationline part ON part.allocation_id = a.id
    WHERE h.released_at IS NULL
)
"""


def asking_for_what_is_held(ids: Sequence[int]) -> set[int]:
    """Of these orders those that lack something a held order keeps: only they are worth a closer look."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKING, [list(ids)])
        return {row[0] for row in cursor.fetchall()}


def _give_back(user: User, order_id: int, now: datetime) -> None:
    found = held_stock(explain_order(order_id, now=now))
    if found is None:
        raise Refusal("nothing_kept", gettext_lazy("Held orders do not keep enough of it."))
    candidate, kept = found
    keepers = set(Allocation.objects.filter(pk__in=kept.allocation_ids).values_list("order_id", flat=True))
    if visible_orders(user).filter(pk__in=keepers).count() != len(keepers):
        raise Refusal("not_yours", gettext_lazy("Orders outside your shops keep it; ask an operations lead."))
    if give_back_of_held(kept.allocation_ids, now=now, by=user).refused:
        raise Refusal("nothing_kept", gettext_lazy("Held orders do not keep enough of it."))
    assign_by_hand(order_id, warehouse=Warehouse.objects.get(pk=candidate.warehouse_id), now=now, by=user)


class CaretakerForm(PaidanForm):
    person = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Caretaker"), required=False, empty_label=gettext_lazy("nobody")
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people()  # type: ignore[attr-defined]
        self.fields["person"].initial = user.pk


def people() -> Any:
    """Who may look after something: whoever may change orders."""
    from paidan.accounts.capabilities import CAPABILITIES

    roles = [str(role) for role, may in CAPABILITIES.items() if Capability.CHANGE_ORDERS in may]
    return User.objects.filter(is_active=True, role__in=roles).order_by("username")


class Entrust(OrderAction):
    """Say who looks after these orders."""

    key, label, capability = "entrust", gettext_lazy("Caretaker…"), Capability.RESOLVE_EXCEPTIONS
    icon, log = "user-check", "orders.entrusted"

    def form(self, user: Any, data: Any = None) -> CaretakerForm:
        return CaretakerForm(user, data or {"person": user.pk if people().filter(pk=user.pk).exists() else ""})

    def title(self, number: int) -> str:
        said = ngettext("Who looks after %(number)d order?", "Who looks after %(number)d orders?", number)
        return said % {"number": number}

    def button(self, number: int) -> str:
        return ngettext("Entrust %(number)d order", "Entrust %(number)d orders", number) % {"number": number}

    def result(self, number: int, choices: Choices) -> str:
        who = User.objects.filter(pk=choices.get("person") or 0).first()
        if who is None:
            said = ngettext("Nobody looks after %(number)d order", "Nobody looks after %(number)d orders", number)
            return said % {"number": number}
        said = ngettext("%(name)s looks after %(number)d order", "%(name)s looks after %(number)d orders", number)
        return said % {"name": who.display_name, "number": number}

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:
        to = User.objects.filter(pk=choices.get("person") or 0).first()
        before = entrust_orders(ids, to=to, now=now, by=user)
        refused = {key: "already" for key in ids if key not in before}
        return Outcome(list(before), refused, undo=[[key, was] for key, was in before.items()])

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        done: list[int] = []
        for was in {was for _key, was in items}:
            to = User.objects.filter(pk=was or 0).first()
            done += entrust_orders([key for key, had in items if had == was], to=to, now=now, by=user)
        return Outcome(done, {})


class HoldStuck(HoldOrders):
    effect: ClassVar[Words] = gettext_lazy("Until stock comes, or for a time; nothing is tried meanwhile")


class AssignStuck(Assign):
    effect: ClassVar[Words] = gettext_lazy("To a warehouse and team of your choice, past the rule")


ACTIONS: tuple[BatchAction, ...] = (
    TryAgain(),
    AssignStuck(),
    HoldStuck(),
    Entrust(),
    GiveBack(),
    SplitOnce(),
    ShipPart(),
    FartherOnce(),
    OutsideOnce(),
    AboveOnce(),
    AnyTeam(),
)

OF_REASON: dict[int, tuple[str, ...]] = {
    Reason.STOCK_SHORT: ("allocate", "give-back", "split-once", "ship-part", "farther", "hold"),
    Reason.WAREHOUSE_FULL: ("allocate", "above", "assign", "hold"),
    Reason.TEAM_FULL: ("allocate", "above", "any-team", "hold"),
    Reason.NOT_COVERED: ("allocate", "outside", "assign", "hold"),
    Reason.TOO_FAR: ("allocate", "farther", "assign", "hold"),
    Reason.TOO_LATE: ("allocate", "farther", "assign", "hold"),
    Reason.NO_TEAM: ("allocate", "any-team", "assign", "hold"),
    Reason.PAUSED: ("allocate", "assign", "hold"),
    Reason.EXCLUDED: ("allocate", "assign", "hold"),
    Reason.NO_RULE: ("allocate", "assign", "hold"),
    Reason.UNKNOWN_SKU: ("allocate", "hold"),
    Reason.ADDRESS_UNRESOLVED: ("hold",),
}
"""Which remedies may help against a reason, best first."""
