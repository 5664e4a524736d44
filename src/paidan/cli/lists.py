"""`paidan shop|warehouse|team|sku|stock|order|allocation list`."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from paidan.cli import texts
from paidan.cli.app import allocation_app, order_app, shop_app, sku_app, stock_app, team_app, warehouse_app
from paidan.cli.database import now, use_database
from paidan.cli.language import gettext as _
from paidan.cli.options import DEFAULT_LIMIT, All, Json, Limit
from paidan.cli.output import Column, out, table_of, write_list, write_records

if TYPE_CHECKING:
    from paidan.reports.lists import Query

Record = dict[str, Any]
WarehouseOption = Annotated[str, typer.Option("--warehouse", "-w", metavar="CODE", help=_("Only this warehouse."))]
TeamOption = Annotated[str, typer.Option("--team", "-t", metavar="CODE", help=_("Only this team."))]
ShopOption = Annotated[str, typer.Option("--shop", "-s", metavar="CODE", help=_("Only this shop."))]
SkuOption = Annotated[str, typer.Option("--sku", metavar="CODE", help=_("Only this SKU."))]


class OrderStateName(StrEnum):
    """States an order list can be narrowed to."""

    PENDING = "pending"
    UNALLOCATED = "unallocated"
    PARTIAL = "partial"
    ALLOCATED = "allocated"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    MERGED = "merged"
    HELD = "held"


class AllocationStateName(StrEnum):
    """States an allocation list can be narrowed to."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    PICKED = "picked"
    PACKED = "packed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REASSIGNED = "reassigned"


class ReasonName(StrEnum):
    """Reasons an order list can be narrowed to."""

    STOCK_SHORT = "stock_short"
    PAUSED = "paused"
    NOT_COVERED = "not_covered"
    TOO_FAR = "too_far"
    TOO_LATE = "too_late"
    WAREHOUSE_FULL = "warehouse_full"
    TEAM_FULL = "team_full"
    EXCLUDED = "excluded"
    NO_TEAM = "no_team"
    NO_RULE = "no_rule"
    ADDRESS_UNRESOLVED = "address_unresolved"
    UNKNOWN_SKU = "unknown_sku"
    HELD = "held"


@shop_app.command("list", help=_("List the shops."))
def list_shops(limit: Limit = DEFAULT_LIMIT, every: All = False, as_json: Json = False) -> None:
    use_database()
    from paidan.reports.lists import shops

    columns = [
        Column("code", _("Shop")),
        Column("name", _("Name"), fold=True),
        Column("platform", _("Platform")),
        Column("ship_within_h", _("Ships within (h)"), "right", wide=True),
        Column("teams", _("Teams"), fold=True),
        Column("active", _("Active")),
    ]
    _write_all(
        list(shops()), columns, limit, every, as_json, _("There are no shops yet; import them: paidan import shop.")
    )


@warehouse_app.command("list", help=_("List the warehouses with today's load."))
def list_warehouses(limit: Limit = DEFAULT_LIMIT, every: All = False, as_json: Json = False) -> None:
    use_database()
    from paidan.reports.lists import warehouses

    records = [row | {} for row in warehouses(now())]
    columns = [
        Column("code", _("Warehouse")),
        Column("name", _("Name"), fold=True),
        Column("is_open", _("State")),
        Column("load", _("Load"), "right"),
        Column("capacity", _("Capacity"), "right"),
        Column("used", _("Used"), "right"),
        Column("ratio", _("Ratio"), "right"),
        Column("cutoff", _("Cut-off"), wide=True),
        Column("work_day", _("Work day"), wide=True),
    ]
    if not as_json:
        records = [row | {"is_open": _open_word(row["open"]), "used": _share(row)} for row in records]
    empty = _("There are no warehouses yet; import them: paidan import warehouse.")
    _write_all(records, columns, limit, every, as_json, empty)


@team_app.command("list", help=_("List the teams with today's load."))
def list_teams(
    warehouse: WarehouseOption = "", limit: Limit = DEFAULT_LIMIT, every: All = False, as_json: Json = False
) -> None:
    use_database()
    from paidan.reports.lists import teams

    records = list(teams(now(), warehouse=warehouse))
    columns = [
        Column("code", _("Team")),
        Column("name", _("Name"), fold=True),
        Column("warehouse", _("Warehouse")),
        Column("shops", _("Shops"), fold=True, wide=True),
        Column("skills", _("Skills"), fold=True, wide=True),
        Column("load", _("Load"), "right"),
        Column("capacity", _("Capacity"), "right"),
        Column("used", _("Used"), "right"),
        Column("ratio", _("Ratio"), "right"),
    ]
    if not as_json:
        records = [row | {"used": _share(row)} for row in records]
    _write_all(records, columns, limit, every, as_json, _("There are no teams yet; import them: paidan import team."))


@sku_app.command("list", help=_("List the SKUs with what is available of them."))
def list_skus(
    category: Annotated[str, typer.Option("--category", help=_("Only this category."))] = "",
    search: Annotated[str, typer.Option("--search", help=_("Only SKUs whose code or name contains this."))] = "",
    limit: Limit = DEFAULT_LIMIT,
    every: All = False,
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.reports.lists import skus

    columns = [
        Column("code", _("SKU")),
        Column("name", _("Name"), fold=True),
        Column("category", _("Category"), fold=True, wide=True),
        Column("weight_g", _("Weight (g)"), "right", wide=True),
        Column("on_hand", _("On hand"), "right"),
        Column("reserved", _("Reserved"), "right"),
        Column("available", _("Available"), "right"),
    ]
    _write_query(skus(category=category, search=search), columns, limit, every, as_json, _("No SKU matches."))


@stock_app.command("list", help=_("List the stock per SKU and warehouse."))
def list_stock(
    warehouse: WarehouseOption = "",
    sku: SkuOption = "",
    short: Annotated[bool, typer.Option("--short", help=_("Only where nothing is available."))] = False,
    limit: Limit = DEFAULT_LIMIT,
    every: All = False,
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.reports.lists import stock

    columns = [
        Column("sku", _("SKU")),
        Column("name", _("Name"), fold=True),
        Column("warehouse", _("Warehouse")),
        Column("on_hand", _("On hand"), "right"),
        Column("reserved", _("Reserved"), "right"),
        Column("safety", _("Safety"), "right", wide=True),
        Column("available", _("Available"), "right"),
    ]
    query = stock(warehouse=warehouse, sku=sku, short=short)
    _write_query(query, columns, limit, every, as_json, _("No stock matches."))


@order_app.command("list", help=_("List orders: where they are, or why they are stuck."))
def list_orders(
    state: Annotated[OrderStateName | None, typer.Option("--state", help=_("Only orders in this state."))] = None,
    reason: Annotated[ReasonName | None, typer.Option("--reason", help=_("Only orders stuck for this reason."))] = None,
    shop: ShopOption = "",
    warehouse: WarehouseOption = "",
    team: TeamOption = "",
    sku: SkuOption = "",
    late: Annotated[bool, typer.Option("--late", help=_("Only orders past their deadline and not shipped."))] = False,
    limit: Limit = DEFAULT_LIMIT,
    every: All = False,
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.cli.references import shop_named, sku_named, team_named, warehouse_named
    from paidan.reports.lists import OrderFilter, orders, spoken

    wanted = OrderFilter(
        state=state or "",
        reason=reason or "",
        shop=shop_named(shop).code if shop else "",
        warehouse_id=warehouse_named(warehouse).id if warehouse else 0,
        team_id=team_named(team).id if team else 0,
        sku=sku_named(sku).code if sku else "",
        late_at=now() if late else None,
    )
    columns = [
        Column("shop", _("Shop")),
        Column("order", _("Order")),
        Column("state", _("State")),
        Column("why", _("Reason"), fold=True),
        Column("ship_by", _("Ship by")),
        Column("pieces", _("Pieces"), "right", wide=True),
        Column("amount", _("Amount"), "right", wide=True),
        Column("warehouses", _("Warehouse"), fold=True),
        Column("teams", _("Team"), fold=True),
    ]
    _write_query(orders(wanted), columns, limit, every, as_json, _("No order matches."), spoken, _shown_order)


@allocation_app.command("list", help=_("List allocations: what the warehouses and teams have to do."))
def list_allocations(
    state: Annotated[AllocationStateName | None, typer.Option("--state", help=_("Only this state."))] = None,
    warehouse: WarehouseOption = "",
    team: TeamOption = "",
    limit: Limit = DEFAULT_LIMIT,
    every: All = False,
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.cli.references import team_named, warehouse_named
    from paidan.reports.lists import allocations, spoken_allocation

    query = allocations(
        state=state or "",
        warehouse_id=warehouse_named(warehouse).id if warehouse else 0,
        team_id=team_named(team).id if team else 0,
    )
    columns = [
        Column("number", _("Allocation")),
        Column("shop", _("Shop"), wide=True),
        Column("order", _("Order")),
        Column("warehouse", _("Warehouse")),
        Column("team", _("Team")),
        Column("state", _("State")),
        Column("since", _("Since")),
        Column("distance", _("Distance"), "right", wide=True),
        Column("freight", _("Freight"), "right", wide=True),
        Column("carrier", _("Carrier"), wide=True),
    ]
    empty = _("No allocation matches.")
    _write_query(query, columns, limit, every, as_json, empty, spoken_allocation, _shown_allocation)


def _shown_order(record: Record) -> Record:
    state = "held" if record["held"] else record["state"]
    return record | {
        "state": Text(texts.order_state_word(state), texts.STATE_STYLES.get(state, "")),
        "why": record["held"] or texts.reason_word(record["reason"]),
        "ship_by": texts.short_moment(record["ship_by"]),
        "amount": texts.money(record["amount_minor"]),
    }


def _shown_allocation(record: Record) -> Record:
    return record | {
        "number": f"#{record['allocation']}",
        "state": texts.allocation_state_word(record["state"]),
        "since": texts.short_moment(record["state_at"]),
        "distance": texts.kilometres(record["distance_m"]),
        "freight": texts.money(record["freight_minor"]),
    }


def _open_word(is_open: bool) -> Text:
    return Text(_("open")) if is_open else Text(_("paused"), "red")


def _share(record: Record) -> Text:
    """Load in per cent of the capacity, amber over 80, red over 100."""
    if not record["capacity"]:
        return Text("—", "dim")
    percent = round(100 * record["load"] / record["capacity"])
    return Text(f"{percent}%", "red" if percent > 100 else "yellow" if percent > 80 else "")


def _write_all(
    records: Sequence[Record], columns: Sequence[Column], limit: int, every: bool, as_json: bool, empty: str
) -> None:
    shown = records if every else records[:limit]
    write_list(shown, columns, total=len(records), as_json=as_json, empty=empty)


def _as_it_is(record: Record) -> Record:
    return record


def _write_query(
    query: "Query",
    columns: Sequence[Column],
    limit: int,
    every: bool,
    as_json: bool,
    empty: str,
    spoken: Any = _as_it_is,
    shown: Any = _as_it_is,
) -> None:
    """Write a list that may be long: all of it as it is read, or its beginning and how much is left."""
    records: Iterable[Record] = map(spoken, query.records(None if every else limit))
    if every and as_json:
        write_records(records)
    elif every:
        for part in iter(lambda: list(islice(records, 500)), []):
            out().print(table_of(map(shown, part), columns))
    else:
        some = list(records)
        total = query.count() if len(some) == limit else len(some)
        write_list(some if as_json else [shown(r) for r in some], columns, total=total, as_json=as_json, empty=empty)
