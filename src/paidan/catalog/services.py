"""Writing what is sold: one SKU, and the parts of one bundle. Tables of them come in by `intake`."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

from .models import BundleComponent, Sku


@transaction.atomic
def save_sku(row: Sku | None, values: Mapping[str, Any]) -> Sku:
    """Add a SKU (`row` None) or change one. Refused when its code is another's."""
    other = Sku.objects.filter(code=values["code"]).first()
    if other is not None and (row is None or other.pk != row.pk):
        raise Refusal("code_taken", _("Another SKU has the code %(sku)s."), pointer="code", sku=values["code"])
    sku = row or Sku()
    for name in ("code", "name", "category", "tags", "weight_g", "volume_cm3"):
        if name in values:
            setattr(sku, name, values[name])
    sku.save()
    return sku


@transaction.atomic
def set_components(bundle: Sku, parts: Mapping[Sku, int]) -> None:
    """Make a SKU a bundle of these parts, or none at all; orders that are in already stay as they were taken apart.

    1. Lock the bundle, so that two who edit it wait for each other. 2. Refuse bundles within bundles. 3. Replace.
    """
    Sku.objects.select_for_update().get(pk=bundle.pk)
    if bundle in parts:
        raise Refusal("bundle_of_itself", _("A bundle cannot contain itself."))
    inner = BundleComponent.objects.filter(bundle__in=list(parts)).select_related("bundle").first()
    if inner:
        raise Refusal("bundle_in_bundle", _("%(sku)s is itself a bundle; list its parts instead."), sku=inner.bundle)
    outer = BundleComponent.objects.filter(component=bundle).select_related("bundle").first()
    if outer and parts:
        raise Refusal(
            "bundle_in_bundle", _("%(sku)s is a part of the bundle %(bundle)s."), sku=bundle, bundle=outer.bundle
        )
    BundleComponent.objects.filter(bundle=bundle).exclude(component__in=list(parts)).delete()
    BundleComponent.objects.bulk_create(
        [BundleComponent(bundle=bundle, component=part, qty=qty) for part, qty in parts.items()],
        update_conflicts=True,
        unique_fields=["bundle", "component"],
        update_fields=["qty"],
    )
