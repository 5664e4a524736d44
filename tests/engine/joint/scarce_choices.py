"""Choices with scarce stock and slots, from a seed: one SKU an order, some warehouses."""

import numpy as np

from paidan.engine.joint.choices import Choices


def scarce_choices(orders: int, *, seed: int, skus: int = 12, warehouses: int = 6) -> Choices:
    """Every order wants one piece, from any warehouse; there is a little more than enough of each SKU."""
    rng = np.random.default_rng(seed)
    sku_o = rng.integers(0, skus, orders)
    stock_sw = rng.multinomial(1, np.full(warehouses, 1 / warehouses), (skus, 1 + 11 * orders // (10 * skus))).sum(1)
    slots_w = np.full(warehouses, 1 + 11 * orders // (10 * warehouses))
    cell_ow = sku_o[:, None] * warehouses + np.arange(warehouses)
    slot_ow = skus * warehouses + np.broadcast_to(np.arange(warehouses), cell_ow.shape)
    return Choices(
        ptr_o=np.arange(orders + 1) * warehouses,
        cost_c=rng.integers(400, 2_000, orders * warehouses).astype(np.float64),
        use_ptr_c=np.arange(orders * warehouses + 1) * 2,
        resource_u=np.stack([cell_ow, slot_ow], 2).ravel().astype(np.int32),
        amount_u=np.ones(2 * orders * warehouses, np.int32),
        unserved_o=np.full(orders, 4_000.0),
        limit_r=np.concatenate([stock_sw.ravel(), slots_w]).astype(np.float64),
    )
