"""`warehouse_query` and `shop`: the network, to read."""

from typing import Any

from paidan.accounts.capabilities import Capability
from paidan.geo.table import region_table
from paidan.network.models import Shop, Warehouse
from paidan.network.scopes import visible_shops, visible_warehouses

from .calls import Call
from .paging import paged
from .registries import WAREHOUSE_TYPE, platform_id

FIRST_DIVISION = 100_000
"""Smaller numbers stand for countries."""
NO_TIME = "0000-00-00 00:00:00"


def warehouse_query(call: Call) -> dict[str, Any]:
    """Warehouses within reach; one that is paused says it is disabled."""
    call.allow(Capability.SEE_NETWORK)
    rows = visible_warehouses(call.user).order_by("id")
    if call.text("warehouse_no"):
        rows = rows.filter(code=call.text("warehouse_no"))
    if call.number("type", 0) not in (0, WAREHOUSE_TYPE):
        rows = rows.none()
    return paged(call, rows, "warehouses", warehouse_as_told)


def warehouse_as_told(row: Warehouse) -> dict[str, Any]:
    province, city, district = names_of(row.region)
    return {
        "warehouse_id": row.pk,
        "warehouse_no": row.code,
        "name": str(row),
        "warehouse_type": WAREHOUSE_TYPE,
        "province": province,
        "city": city,
        "district": district,
        "address": row.address,
        "contact": "",
        "mobile": "",
        "is_defect": 0,
        "coordinates_x": "" if row.lng is None else str(row.lng),
        "coordinates_y": "" if row.lat is None else str(row.lat),
        "match_warehouse_id": 0,
        "is_disabled": int(not row.is_open),
        "remark": "",
        "created": NO_TIME,
        "modified": NO_TIME,
    }


def names_of(region: int) -> tuple[str, str, str]:
    """Province, city and district of a region, as far down as it goes."""
    names = region_table().names
    levels = (region // 10000 * 10000, region // 100 * 100, region)
    found = [names.get(one, "") for one in dict.fromkeys(levels)] if region >= FIRST_DIVISION else []
    province, city, district = [*found, "", "", ""][:3]
    return province, city, district


def shop_query(call: Call) -> dict[str, Any]:
    """Shops within reach."""
    call.allow(Capability.SEE_NETWORK)
    rows = visible_shops(call.user).order_by("id")
    if call.text("shop_no"):
        rows = rows.filter(code=call.text("shop_no"))
    if call.text("is_disabled"):
        rows = rows.filter(active=call.number("is_disabled", 0) == 0)
    wanted = {one.strip() for one in (call.text("platform_id") + "," + call.text("platform_ids")).split(",")} - {""}
    if wanted:
        rows = rows.filter(pk__in=[row.pk for row in rows if str(platform_id(row.platform)) in wanted])
    return paged(call, rows, "shoplist", shop_as_told)


def shop_as_told(row: Shop) -> dict[str, Any]:
    return {
        "shop_id": row.pk,
        "shop_no": row.code,
        "shop_name": str(row),
        "platform_id": platform_id(row.platform),
        "sub_platform_id": 0,
        "is_disabled": int(not row.active),
        "remark": "",
        "created": NO_TIME,
        "modified": NO_TIME,
    }
