"""What somebody may do, as named capabilities, and the one table that says which role may do what.

Where they may do it (which warehouses, teams, shops) is `network.scopes`.
"""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a user is to the business."""

    ADMINISTRATOR = "administrator", _("administrator")
    LEAD = "lead", _("operations lead")
    CLERK = "clerk", _("order clerk")
    TEAM = "team", _("team member")
    VIEWER = "viewer", _("viewer")
    INTEGRATOR = "integrator", _("integrator")


class Capability(StrEnum):
    """One thing a page or endpoint asks for. Named for what the user does, not for the page."""

    SEE_DASHBOARD = "see_dashboard"
    SEE_ORDERS = "see_orders"
    REVEAL_BUYER = "reveal_buyer"
    CHANGE_ORDERS = "change_orders"  # allocate now, tag, mend an address or SKU, carrier
    ASSIGN_ORDERS = "assign_orders"  # to a warehouse or team by hand, reassign what is not accepted
    FORCE_REASSIGN = "force_reassign"  # also what a team has accepted
    HOLD_ORDERS = "hold_orders"
    CANCEL_ORDERS = "cancel_orders"
    MERGE_ORDERS = "merge_orders"
    RESOLVE_EXCEPTIONS = "resolve_exceptions"
    SEE_BOARD = "see_board"
    RELIEVE = "relieve"
    PAUSE_WAREHOUSES = "pause_warehouses"
    SET_RATIOS = "set_ratios"
    WORK_ALLOCATIONS = "work_allocations"  # a team's own day: accept, pick, pack, ship, report, hand back
    SEE_STOCK = "see_stock"
    ADJUST_STOCK = "adjust_stock"
    SEE_NETWORK = "see_network"  # shops, warehouses, teams, freight, SKUs, promotions
    CHANGE_NETWORK = "change_network"
    IMPORT_FILES = "import_files"
    EXPORT_FILES = "export_files"
    SEE_RULES = "see_rules"
    EDIT_RULES = "edit_rules"
    PUBLISH_RULES = "publish_rules"
    RUN_WHATIF = "run_whatif"
    SEE_REPORTS = "see_reports"
    MANAGE_ALERTS = "manage_alerts"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_WEBHOOKS = "manage_webhooks"
    USE_API = "use_api"
    MANAGE_USERS = "manage_users"
    SEE_CHANGES = "see_changes"  # the change log


C = Capability
LOOKING = frozenset({C.SEE_DASHBOARD, C.SEE_ORDERS, C.SEE_BOARD, C.SEE_STOCK, C.SEE_NETWORK, C.SEE_RULES})
CLERICAL = frozenset(
    {
        *LOOKING,
        C.SEE_REPORTS,
        C.REVEAL_BUYER,
        C.CHANGE_ORDERS,
        C.ASSIGN_ORDERS,
        C.HOLD_ORDERS,
        C.CANCEL_ORDERS,
        C.MERGE_ORDERS,
        C.RESOLVE_EXCEPTIONS,
        C.IMPORT_FILES,
        C.EXPORT_FILES,
    }
)
ADMINISTRATIVE = frozenset({C.MANAGE_USERS, C.MANAGE_TOKENS})

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.ADMINISTRATOR: frozenset(Capability),
    Role.LEAD: frozenset(Capability) - ADMINISTRATIVE,
    Role.CLERK: CLERICAL,
    Role.TEAM: frozenset({C.WORK_ALLOCATIONS}),
    Role.VIEWER: LOOKING | {C.SEE_REPORTS},
    Role.INTEGRATOR: frozenset(
        {
            C.SEE_ORDERS,
            C.SEE_STOCK,
            C.SEE_NETWORK,
            C.IMPORT_FILES,
            C.EXPORT_FILES,
            C.MANAGE_TOKENS,
            C.MANAGE_WEBHOOKS,
            C.USE_API,
        }
    ),
}
"""The one table. A capability that is not here is not had."""
