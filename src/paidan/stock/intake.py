"""Reads tables of counted stock; what a count means for allocations is decided by who writes it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _

from paidan.kit.tables.entries import faultless, look_up
from paidan.kit.tables.fields import Field, Kind
from paidan.kit.tables.flaws import Flaw
from paidan.kit.tables.sheet import Sheet

from .services import LEAVE

MOST_PIECES = 1_000_000_000_000

STOCK_FIELDS = (
    Field("sku", Kind.CODE, "sku_code item_code 货品 货品编码 商品编码 商家编码 货号", required=True, most=64),
    Field("warehouse", Kind.CODE, "warehouse_code 仓库 仓库编码 仓库代码", required=True, most=40),
    Field(
        "on_hand",
        Kind.WHOLE,
        "on_hand_qty qty quantity stock 库存 数量 库存数量 实际库存 在库 现有库存",
        required=True,
        least=0,
        most=MOST_PIECES,
    ),
    Field("safety", Kind.WHOLE, "safety_qty safety_stock 安全库存", least=0, most=MOST_PIECES),
)

UNKNOWN_SKU = Flaw("unknown_sku", _("There is no SKU with this code."), _("Correct the code, or import the SKU first."))
UNKNOWN_WAREHOUSE = Flaw(
    "unknown_warehouse",
    _("There is no warehouse with this code."),
    _("Correct the code, or import the warehouse first."),
)


@dataclass(frozen=True)
class Counts:
    """Counted quantities per (SKU, warehouse); `safety_n` is `LEAVE` where the table does not say."""

    sku_n: npt.NDArray[np.int32]
    warehouse_n: npt.NDArray[np.int32]
    on_hand_n: npt.NDArray[np.int64]
    safety_n: npt.NDArray[np.int64]


def read_counts(sheet: Sheet) -> Counts:
    """The faultless rows of a table of counts, one per SKU and warehouse."""
    rows = sheet.read(sheet.texts)
    sku = look_up(sheet, rows, "sku", "catalog_sku", UNKNOWN_SKU)
    warehouse = look_up(sheet, rows, "warehouse", "network_warehouse", UNKNOWN_WAREHOUSE)
    rows = faultless(sheet, rows.with_columns(sku, warehouse), ["sku_id", "warehouse_id"])
    safety = rows["safety"].fill_null(LEAVE).to_numpy() if "safety" in rows.columns else np.full(rows.height, LEAVE)
    return Counts(
        rows["sku_id"].to_numpy().astype(np.int32),
        rows["warehouse_id"].to_numpy().astype(np.int32),
        rows["on_hand"].to_numpy().astype(np.int64),
        safety.astype(np.int64),
    )
