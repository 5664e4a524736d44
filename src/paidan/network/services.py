"""Changes to the network that happen in daily work: opening and pausing warehouses."""

from .models import Warehouse


def set_open(warehouse: Warehouse, is_open: bool) -> bool:
    """Open or pause a warehouse; false when it was so already (the update asks for the other state)."""
    changed = Warehouse.objects.filter(id=warehouse.id, is_open=not is_open).update(is_open=is_open)
    warehouse.is_open = is_open
    return bool(changed)
