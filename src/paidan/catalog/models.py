"""What is sold: SKUs and the bundles made of them. Quantities live in `stock`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Sku(models.Model):
    """One article that a warehouse can hold, or a bundle of such articles."""

    id = models.AutoField(primary_key=True)
    code = models.CharField(_("SKU"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    category = models.CharField(_("category"), max_length=100, blank=True, default="")
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), blank=True, default=list)
    weight_g = models.PositiveIntegerField(_("weight (g)"), default=0)
    volume_cm3 = models.PositiveIntegerField(_("volume (cm³)"), default=0)

    class Meta:
        verbose_name = _("SKU")
        verbose_name_plural = _("SKUs")
        indexes = [models.Index(fields=["category", "code"], name="catalog_sku_by_category")]

    def __str__(self) -> str:
        return self.code


class BundleComponent(models.Model):
    """How many pieces of a component are in one piece of a bundle. A component is never itself a bundle."""

    id = models.AutoField(primary_key=True)
    bundle = models.ForeignKey(Sku, models.CASCADE, related_name="components", verbose_name=_("bundle"))
    component = models.ForeignKey(Sku, models.PROTECT, related_name="bundles", verbose_name=_("component"))
    qty = models.PositiveIntegerField(_("pieces"))

    class Meta:
        verbose_name = _("bundle component")
        verbose_name_plural = _("bundle components")
        constraints = [
            models.UniqueConstraint(fields=["bundle", "component"], name="catalog_component_once"),
            models.CheckConstraint(condition=Q(qty__gt=0), name="catalog_component_qty_positive"),
            models.CheckConstraint(condition=~Q(bundle=F("component")), name="catalog_bundle_not_of_itself"),
        ]
