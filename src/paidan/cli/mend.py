"""`paidan mend-address|map-sku` and `paidan warehouse pause|resume`: removing what keeps orders from their place."""

from typing import Annotated

import typer

from paidan.cli.app import app, warehouse_app
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json, OrderName
from paidan.cli.output import say, write_json

WarehouseCode = Annotated[str, typer.Argument(metavar="WAREHOUSE", help=_("The warehouse's code."))]


@app.command("mend-address", help=_("Give an order an address that can be resolved; it is then tried again."))
def mend_address(
    order: OrderName,
    address: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help=_("The address, province first."))],
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.allocation.mending import mend_address as mend
    from paidan.cli.references import order_named
    from paidan.geo import full_name
    from paidan.geo.codes import code_of

    row = order_named(order)
    mend(row.id, address=" ".join(address), now=now(), by=acting_user())
    row.refresh_from_db()
    code = code_of(row.region) or ""
    if as_json:
        write_json({"shop": row.shop.code, "order": row.number, "region": code})
    else:
        say(_("%(order)s now goes to %(region)s.") % {"order": row.number, "region": full_name(code)}, "green")


@app.command("map-sku", help=_("Say which SKU a shop's code means; every order waiting for it is tried again."))
def map_sku(
    shop: Annotated[str, typer.Argument(metavar="SHOP", help=_("The shop's code."))],
    code: Annotated[str, typer.Argument(metavar="CODE", help=_("The code the shop uses."))],
    sku: Annotated[str, typer.Argument(metavar="SKU", help=_("Our SKU."))],
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.allocation.mending import map_shop_code
    from paidan.cli.references import shop_named, sku_named

    done = map_shop_code(shop=shop_named(shop), code=code, sku=sku_named(sku), now=now(), by=acting_user())
    if as_json:
        write_json({"shop": shop, "code": code, "sku": sku, "lines": done.lines, "orders": done.orders})
        return
    sentence = ngettext(
        "%(code)s of %(shop)s is %(sku)s; %(count)s order is tried again.",
        "%(code)s of %(shop)s is %(sku)s; %(count)s orders are tried again.",
        done.orders,
    )
    say(sentence % {"code": code, "shop": shop, "sku": sku, "count": f"{done.orders:,}"}, "green")


@warehouse_app.command(help=_("Give a warehouse nothing new; what it has stays with it."))
def pause(warehouse: WarehouseCode, as_json: Json = False) -> None:
    use_database()
    from paidan.allocation.warehouses import pause_warehouse
    from paidan.cli.references import warehouse_named

    row = warehouse_named(warehouse)
    changed = pause_warehouse(row)
    if as_json:
        write_json({"code": row.code, "open": False, "changed": changed})
    elif changed:
        say(_("%(warehouse)s is paused.") % {"warehouse": str(row)}, "green")
    else:
        say(_("%(warehouse)s was paused already.") % {"warehouse": str(row)})


@warehouse_app.command(help=_("Let a warehouse take orders again; what waits is tried again."))
def resume(warehouse: WarehouseCode, as_json: Json = False) -> None:
    use_database()
    from paidan.allocation.warehouses import resume_warehouse
    from paidan.cli.references import warehouse_named

    row = warehouse_named(warehouse)
    queued = resume_warehouse(row)
    values = {"warehouse": str(row), "count": f"{queued or 0:,}"}
    if as_json:
        write_json({"code": row.code, "open": True, "changed": queued is not None, "queued": queued or 0})
    elif queued is None:
        say(_("%(warehouse)s was open already.") % values)
    else:
        sentence = ngettext(
            "%(warehouse)s takes orders again; %(count)s order is tried again.",
            "%(warehouse)s takes orders again; %(count)s orders are tried again.",
            queued,
        )
        say(sentence % values, "green")
