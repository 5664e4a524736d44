"""What the filters of goods offer: warehouses and categories."""

from paidan.catalog.models import Sku
from paidan.network.models import Warehouse


def warehouses() -> list[tuple[int, str]]:
    return [(row.pk, str(row)) for row in Warehouse.objects.order_by("position", "id")]


def categories() -> list[tuple[str, str]]:
    names = Sku.objects.exclude(category="").order_by("category").values_list("category", flat=True).distinct()
    return [(name, name) for name in names[:500]]
