"""What an API token may be allowed: scopes as people tick them, and the capabilities each brings."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from .capabilities import Capability as C


class TokenScope(models.TextChoices):
    """One tick on a token's form. The value is what the API's documentation names."""

    ORDERS_READ = "orders:read", _("read orders, allocations and exceptions")
    ORDERS_WRITE = "orders:write", _("send, change, hold and cancel orders; allocate and assign them")
    BUYERS_READ = "buyers:read", _("read buyers' names, phones and addresses")
    FULFILMENT_WRITE = "fulfilment:write", _("accept, pick, pack and ship allocations")
    STOCK_READ = "stock:read", _("read stock")
    STOCK_WRITE = "stock:write", _("set and adjust stock")
    NETWORK_READ = "network:read", _("read SKUs, shops, warehouses, teams and freight")
    NETWORK_WRITE = "network:write", _("change SKUs, shops, warehouses, teams and freight")
    RULES_READ = "rules:read", _("read rules")
    RULES_WRITE = "rules:write", _("change and publish rules, run what-ifs")
    REPORTS_READ = "reports:read", _("read reports")
    WEBHOOKS_WRITE = "webhooks:write", _("set up webhooks")


_BRINGS: dict[TokenScope, frozenset[C]] = {
    TokenScope.ORDERS_READ: frozenset({C.SEE_ORDERS, C.SEE_BOARD, C.SEE_DASHBOARD}),
    TokenScope.ORDERS_WRITE: frozenset(
        {
            C.SEE_ORDERS,
            C.CHANGE_ORDERS,
            C.ASSIGN_ORDERS,
            C.FORCE_REASSIGN,
            C.HOLD_ORDERS,
            C.CANCEL_ORDERS,
            C.MERGE_ORDERS,
            C.RESOLVE_EXCEPTIONS,
            C.IMPORT_FILES,
        }
    ),
    TokenScope.BUYERS_READ: frozenset({C.REVEAL_BUYER}),
    TokenScope.FULFILMENT_WRITE: frozenset({C.SEE_ORDERS, C.WORK_ALLOCATIONS}),
    TokenScope.STOCK_READ: frozenset({C.SEE_STOCK}),
    TokenScope.STOCK_WRITE: frozenset({C.SEE_STOCK, C.ADJUST_STOCK}),
    TokenScope.NETWORK_READ: frozenset({C.SEE_NETWORK}),
    TokenScope.NETWORK_WRITE: frozenset({C.SEE_NETWORK, C.CHANGE_NETWORK, C.PAUSE_WAREHOUSES, C.SET_RATIOS}),
    TokenScope.RULES_READ: frozenset({C.SEE_RULES}),
    TokenScope.RULES_WRITE: frozenset({C.SEE_RULES, C.EDIT_RULES, C.PUBLISH_RULES, C.RUN_WHATIF}),
    TokenScope.REPORTS_READ: frozenset({C.SEE_REPORTS, C.EXPORT_FILES}),
    TokenScope.WEBHOOKS_WRITE: frozenset({C.MANAGE_WEBHOOKS}),
}
"""Users, tokens and the change log are for people: no scope brings them."""


def capabilities_of(scopes: Iterable[str]) -> frozenset[C]:
    """What these scopes allow together; one that is no longer known allows nothing."""
    known = set(TokenScope.values)
    return frozenset({C.USE_API}).union(*(_BRINGS[TokenScope(scope)] for scope in scopes if scope in known))


def scopes_for(capabilities: frozenset[C]) -> list[TokenScope]:
    """The scopes of which somebody could use anything at all: offering others would promise what is not given."""
    return [scope for scope in TokenScope if _BRINGS[scope] & capabilities]
