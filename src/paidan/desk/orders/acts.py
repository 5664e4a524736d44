"""The addresses of everything that can be done on the page of one order."""

from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability

from .acts_frame import button, dialog, plain_form
from .acts_place import ShipForm, allocate, assign, assign_to, give_back, resume, ship, split, step, take_back
from .acts_state import (
    MapForm,
    RemarkForm,
    ResolveForm,
    RevealForm,
    address_form,
    cancel,
    carrier,
    fix_address,
    hold,
    map_sku,
    merge,
    open_exception,
    release,
    remark,
    resolve,
    reveal,
    tag,
    unmerge,
    untag,
)
from .batch_assign import AssignForm, CarrierForm
from .batch_state import CancelForm, ExceptionForm, HoldForm, TagForm

C = Capability
urlpatterns = [
    button("allocate", C.CHANGE_ORDERS, allocate),
    dialog(
        "assign",
        C.ASSIGN_ORDERS,
        lambda asked, data: AssignForm(asked.user, data),
        gettext_lazy("Choose warehouse and team"),
        gettext_lazy("Assign"),
        assign,
    ),
    button("assign-to", C.ASSIGN_ORDERS, assign_to),
    button("split", C.ASSIGN_ORDERS, split),
    button("give-back", C.HOLD_ORDERS, give_back),
    button("resume", C.PAUSE_WAREHOUSES, resume),
    dialog(
        "map-sku",
        C.CHANGE_ORDERS,
        plain_form(MapForm),
        gettext_lazy("Which SKU is it?"),
        gettext_lazy("Map and try again"),
        map_sku,
    ),
    dialog(
        "address",
        C.CHANGE_ORDERS,
        address_form,
        gettext_lazy("Fix the address"),
        gettext_lazy("Save and try again"),
        fix_address,
    ),
    dialog(
        "remark",
        C.CHANGE_ORDERS,
        lambda asked, data: RemarkForm(data, initial={"seller_remark": asked.order.seller_remark}),
        gettext_lazy("Our remark"),
        gettext_lazy("Save remark"),
        remark,
    ),
    dialog(
        "hold",
        C.HOLD_ORDERS,
        plain_form(HoldForm),
        gettext_lazy("Hold the order"),
        gettext_lazy("Hold"),
        hold,
    ),
    button("release", C.HOLD_ORDERS, release),
    dialog(
        "tag",
        C.CHANGE_ORDERS,
        plain_form(TagForm),
        gettext_lazy("Tag the order"),
        gettext_lazy("Tag"),
        tag,
    ),
    button("untag", C.CHANGE_ORDERS, untag),
    dialog(
        "cancel",
        C.CANCEL_ORDERS,
        plain_form(CancelForm),
        gettext_lazy("Cancel the order"),
        gettext_lazy("Cancel the order"),
        cancel,
    ),
    button("merge", C.MERGE_ORDERS, merge),
    button("unmerge", C.MERGE_ORDERS, unmerge),
    dialog(
        "carrier",
        C.CHANGE_ORDERS,
        plain_form(CarrierForm),
        gettext_lazy("Change the carrier"),
        gettext_lazy("Change"),
        carrier,
    ),
    dialog(
        "exception",
        C.RESOLVE_EXCEPTIONS,
        plain_form(ExceptionForm),
        gettext_lazy("Mark as exception"),
        gettext_lazy("Mark"),
        open_exception,
    ),
    dialog(
        "resolve",
        C.RESOLVE_EXCEPTIONS,
        plain_form(ResolveForm),
        gettext_lazy("Settle the exception"),
        gettext_lazy("Settle"),
        resolve,
    ),
    button("step", C.WORK_ALLOCATIONS, step),
    dialog("ship", C.WORK_ALLOCATIONS, plain_form(ShipForm), gettext_lazy("Ship"), gettext_lazy("Ship"), ship),
    button("take-back", C.ASSIGN_ORDERS, take_back),
    dialog(
        "reveal",
        C.REVEAL_BUYER,
        plain_form(RevealForm),
        gettext_lazy("Show the buyer's data"),
        gettext_lazy("Show"),
        reveal,
    ),
]
