"""When not everybody's pieces are there: who goes without. Later rows give way, earlier ones keep what they asked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from paidan.stock.reservations import summed_pairs

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def take_what_fits(
    owners: int, at_p: npt.NDArray[np.intp], sku_p: I32, warehouse_p: I32, qty_p: I64, take: Callable[[Mask], I64]
) -> Mask:
    """Let `take` have the parts of as many owners as it has pieces for; answers which owners, bool (owners,).

    `take` gets a mask of parts and answers the shortfalls along `summed_pairs` of them, having written nothing if
    there is any. Owners (positions `at_p`) with the highest positions give way. Ends, as every round drops one.
    """
    kept = np.ones(owners, np.bool_)
    while True:
        chosen = kept[at_p]
        shortfalls = take(chosen)
        if not shortfalls.any():
            return kept
        skus, warehouses, _sums = summed_pairs(sku_p[chosen], warehouse_p[chosen], qty_p[chosen])
        for pair in np.flatnonzero(shortfalls):
            asking = chosen & (sku_p == skus[pair]) & (warehouse_p == warehouses[pair])
            missing = int(shortfalls[pair])
            for part in np.flatnonzero(asking)[::-1].tolist():
                if missing <= 0:
                    break
                if kept[at_p[part]]:
                    kept[at_p[part]] = False
                missing -= int(qty_p[part])
