"""`goods_query`, `suites_query`, `api_goodsspec_push`: SKUs and bundles, and which of them a shop's codes mean.

A SKU of ours is a spec of theirs, and its goods. SKUs do not remember when they changed, so a period does not narrow
them: every one brings all, which is more than was asked for and never less.
"""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.allocation.mending import map_shop_code
from paidan.catalog.models import BundleComponent, Sku
from paidan.network.models import Shop, ShopSku
from paidan.network.scopes import visible_shops

from .calls import Call, decimal, read_json, written
from .errors import MALFORMED, SOME_REFUSED, UNKNOWN_SHOP, ProtocolError
from .paging import paged

LONGEST = timedelta(days=30)
MOST = 2_000
LONGEST_CODE = 100
DELETED = "0"


def goods_query(call: Call) -> dict[str, Any]:
    """SKUs that a warehouse can hold."""
    call.allow(Capability.SEE_NETWORK)
    call.window(LONGEST, without=("spec_no", "goods_no", "barcode", "class_name"))
    rows: QuerySet[Sku] = Sku.objects.filter(components=None).order_by("id")
    for name, column in (("spec_no", "code"), ("goods_no", "code"), ("barcode", "code"), ("class_name", "category")):
        if call.text(name):
            rows = rows.filter(**{column: call.text(name)})
    return paged(call, rows, "goods_list", goods_as_told)


def goods_as_told(row: Sku) -> dict[str, Any]:
    kilograms, cubic = f"{row.weight_g / 1000:.4f}", decimal(row.volume_cm3)
    spec = {
        "spec_id": row.pk,
        "spec_no": row.code,
        "spec_code": "",
        "spec_name": row.name,
        "barcode": row.code,
        "weight": kilograms,
        "volume": cubic,
        "deleted": 0,
        "modified": written(None),
        "created": written(None),
    }
    return {
        "goods_id": row.pk,
        "goods_no": row.code,
        "goods_name": row.name,
        "class_name": row.category,
        "brand_name": "",
        "goods_type": 1,
        "spec_count": 1,
        "deleted": 0,
        "modified": written(None),
        "created": written(None),
        "spec_list": [spec],
    }


def suites_query(call: Call) -> dict[str, Any]:
    """Bundles with their parts."""
    call.allow(Capability.SEE_NETWORK)
    call.window(LONGEST, without=("suite_no", "class_name"))
    rows = Sku.objects.exclude(components=None).distinct().prefetch_related("components__component").order_by("id")
    if call.text("suite_no"):
        rows = rows.filter(code=call.text("suite_no"))
    if call.text("class_name"):
        rows = rows.filter(category=call.text("class_name"))
    return paged(call, rows, "suites", suite_as_told)


def suite_as_told(row: Sku) -> dict[str, Any]:
    return {
        "suite_id": row.pk,
        "suite_no": row.code,
        "suite_name": row.name,
        "short_name": row.name,
        "class_name": row.category,
        "brand_name": "",
        "barcode": row.code,
        "weight": f"{row.weight_g / 1000:.4f}",
        "remark": "",
        "modified": written(None),
        "created": written(None),
        "specs_list": [part_as_told(part) for part in sorted(row.components.all(), key=lambda one: one.pk)],
    }


def part_as_told(part: BundleComponent) -> dict[str, Any]:
    sku = part.component
    return {
        "suite_id": part.bundle_id,
        "goods_no": sku.code,
        "goods_name": sku.name,
        "spec_no": sku.code,
        "spec_name": sku.name,
        "spec_code": "",
        "barcode": sku.code,
        "num": decimal(part.qty),
        "modified": written(None),
        "created": written(None),
    }


def goods_push(call: Call) -> dict[str, Any]:
    """Say which of our SKUs a shop's own codes (`spec_id`) mean; orders that waited for one are tried again.

    What is marked as deleted is forgotten. An unknown `spec_no` is refused by itself, the others hold.
    """
    call.allow(Capability.IMPORT_FILES)
    shop, entries = _goods_said(call)
    numbers = [str(one.get("spec_no", "")).replace("\x00", "") for one in entries]
    ours = {row.code: row for row in Sku.objects.filter(code__in=numbers)}
    theirs = dict(ShopSku.objects.filter(shop=shop).values_list("code", "sku__code"))
    new = changed = 0
    refused: list[dict[str, str]] = []
    for at, one in enumerate(entries):
        code, number = str(one.get("spec_id") or one.get("goods_id") or "").strip(), str(one.get("spec_no", "")).strip()
        if not code.isprintable() or len(code) > LONGEST_CODE:
            refused.append({"no": f"goods_list[{at}]", "error": _("“spec_id” is not a code.")})
        elif str(one.get("status", "")) == DELETED:
            changed += ShopSku.objects.filter(shop=shop, code=code).delete()[0]
        elif not code or number not in ours:
            refused.append(
                {"no": code or f"goods_list[{at}]", "error": _("There is no SKU %(code)s.") % {"code": number}}
            )
        elif theirs.get(code) != number:
            map_shop_code(shop=shop, code=code, sku=ours[number], now=call.now, by=call.user)
            record_change("shop_sku.mapped", by=call.user, now=call.now, of=shop, code=code, sku=number)
            new, changed = new + (code not in theirs), changed + (code in theirs)
    if refused:
        words = {"count": len(refused), "of": len(entries), "shown": "; ".join(one["error"] for one in refused[:5])}
        sentence = _("%(count)d of %(of)d goods were refused, the others hold. %(shown)s") % words
        raise ProtocolError(SOME_REFUSED, sentence, new_count=new, chg_count=changed, error_list=refused)
    return {"new_count": new, "chg_count": changed}


def _goods_said(call: Call) -> tuple[Shop, list[dict[str, Any]]]:
    said = read_json(call.needed("api_goods_info"), "api_goods_info")
    entries = said.get("goods_list") if isinstance(said, dict) else None
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries) or len(entries) > MOST:
        words = {"name": "api_goods_info", "most": MOST}
        raise ProtocolError(MALFORMED, _("“%(name)s” has a shop_no and a goods_list of at most %(most)d.") % words)
    code = str(said.get("shop_no", "")).replace("\x00", "")
    shop = visible_shops(call.user).filter(code=code).first()
    if shop is None:
        raise ProtocolError(UNKNOWN_SHOP, _("There is no shop %(code)s within reach.") % {"code": code})
    return shop, entries
