"""Which pages the main navigation offers, in order; the same for everybody who may open them."""

from django.utils.translation import gettext_lazy as _

from paidan.accounts.capabilities import Capability
from paidan.web.navigation import Item

ITEMS = (
    Item("desk:dashboard", _("Today"), "layout-dashboard", Capability.SEE_DASHBOARD),
    Item("desk:orders", _("Orders"), "list-details", Capability.SEE_ORDERS, badge=""),
    Item("desk:board", _("Board"), "layout-kanban", Capability.SEE_BOARD),
    Item(
        "desk:stuck",
        _("Unallocated"),
        "alert-triangle",
        Capability.SEE_ORDERS,
        badge="paidan.desk.attention.groups.stuck_count",
    ),
    Item("rules:list", _("Rules"), "adjustments-horizontal", Capability.SEE_RULES),
    Item("whatif:list", _("What-if"), "flask", Capability.RUN_WHATIF),
    Item("reports:index", _("Reports"), "chart-bar", Capability.SEE_REPORTS),
    Item("desk:team", _("My team"), "users", Capability.WORK_ALLOCATIONS),
    Item("desk:settings", _("Settings"), "settings", Capability.SEE_NETWORK, at_end=True),
)
