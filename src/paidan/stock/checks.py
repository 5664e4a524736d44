"""Invariants of quantities and their movements. That `reserved` is what allocations hold is checked in `allocation`."""

from collections.abc import Iterator

from paidan.kit.violations import Violation, dangling, run_checks

_PLACE = "concat('stock ', {0}.sku_id, ' at ', {0}.warehouse_id)"

CHECKS = {
    "quantity_negative": f"""
        SELECT {_PLACE.format("s")}, 0, least(s.on_hand_qty, s.reserved_qty, s.safety_qty) FROM stock_stock s
        WHERE least(s.on_hand_qty, s.reserved_qty, s.safety_qty) < 0
    """,
    "on_hand_without_movement": f"""
        SELECT {_PLACE.format("s")}, m.on_hand_qty, s.on_hand_qty
        FROM (
            SELECT DISTINCT ON (sku_id, warehouse_id) sku_id, warehouse_id, on_hand_qty
            FROM stock_stockmovement ORDER BY sku_id, warehouse_id, id DESC
        ) m JOIN stock_stock s USING (sku_id, warehouse_id) WHERE s.on_hand_qty <> m.on_hand_qty
    """,
    "movements_do_not_add_up": f"""
        SELECT {_PLACE.format("m")}, m.before + m.delta_qty, m.on_hand_qty
        FROM (
            SELECT *, lag(on_hand_qty) OVER (PARTITION BY sku_id, warehouse_id ORDER BY id) AS before
            FROM stock_stockmovement
        ) m WHERE m.before + m.delta_qty <> m.on_hand_qty
    """,
    "dangling_movement_sku": dangling("stock_stockmovement", "sku_id", "catalog_sku"),
    "dangling_movement_warehouse": dangling("stock_stockmovement", "warehouse_id", "network_warehouse"),
}


def violations() -> Iterator[Violation]:
    """What is wrong with quantities."""
    return run_checks(CHECKS)
