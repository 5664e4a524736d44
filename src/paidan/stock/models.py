"""Quantities of a SKU in a warehouse and the movements that changed them. Only `stock.services` writes here."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.catalog.models import Sku
from paidan.network.models import Warehouse


class Stock(models.Model):
    """What one warehouse holds of one SKU; available = on hand − reserved − safety, never below 0.

    `reserved` may exceed `on_hand` only while an exception says so (a count found less than was promised).
    """

    pk = models.CompositePrimaryKey("sku_id", "warehouse_id")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="stock", verbose_name=_("SKU"), db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="stock", verbose_name=_("warehouse"))
    on_hand_qty = models.BigIntegerField(_("on hand"), default=0)
    reserved_qty = models.BigIntegerField(_("reserved"), default=0)
    safety_qty = models.BigIntegerField(_("safety stock"), default=0)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.CheckConstraint(
                condition=Q(on_hand_qty__gte=0) & Q(reserved_qty__gte=0) & Q(safety_qty__gte=0),
                name="stock_quantities_not_negative",
            )
        ]

    @property
    def available_qty(self) -> int:
        return max(0, self.on_hand_qty - self.reserved_qty - self.safety_qty)


class MovementKind(models.IntegerChoices):
    """What changed the quantity on hand."""

    COUNT = 1, _("count")
    ADJUSTMENT = 2, _("adjustment")
    SHIPMENT = 3, _("shipment")


class StockMovement(models.Model):
    """One change of a quantity on hand: append-only, with who, when and why."""

    id = models.BigAutoField(primary_key=True)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    kind = models.PositiveSmallIntegerField(_("kind"), choices=MovementKind.choices)
    delta_qty = models.BigIntegerField(_("change"))
    on_hand_qty = models.BigIntegerField(_("on hand after"))
    allocation_id = models.BigIntegerField(_("allocation"), null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"), db_index=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        indexes = [
            models.Index(fields=["sku", "warehouse", "-id"], name="stock_movement_of_sku"),
            models.Index(fields=["warehouse", "-id"], name="stock_movement_of_place"),
            BrinIndex(fields=["at"], name="stock_movement_by_time", pages_per_range=64),
        ]


class StockRow(models.Model):
    """A row of `Stock` under a key of one column, computed by the database: lists and batches need one. Read only."""

    key = models.BigIntegerField(primary_key=True)
    sku = models.ForeignKey(Sku, models.DO_NOTHING, related_name="+", db_constraint=False)
    warehouse = models.ForeignKey(Warehouse, models.DO_NOTHING, related_name="+", db_constraint=False)
    on_hand_qty = models.BigIntegerField()
    reserved_qty = models.BigIntegerField()
    safety_qty = models.BigIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "stock_stock"

    @property
    def available_qty(self) -> int:
        return max(0, self.on_hand_qty - self.reserved_qty - self.safety_qty)
