"""Brings SKUs and the parts of bundles in from tables."""

import polars as pl
from django.db import connection
from django.utils.translation import gettext_lazy as _

from paidan.kit.tables.entries import faultless, given, look_up, note
from paidan.kit.tables.fields import Field, Kind
from paidan.kit.tables.flaws import Flaw
from paidan.kit.tables.report import Outcome
from paidan.kit.tables.sheet import Sheet
from paidan.kit.tables.staging import array_text, upsert

MOST_GRAMS = 2_000_000_000

SKU_FIELDS = (
    Field("code", Kind.CODE, "sku sku_code item_code 货品编码 货品 商品编码 商家编码 编码", required=True, most=64),
    Field("name", Kind.TEXT, "sku_name title description 货品名称 名称 商品名称 品名", most=200),
    Field("category", Kind.TEXT, "分类 类目 品类 货品分类", most=100),
    Field("tags", Kind.WORDS, "tag 标签 货品标签", most=40),
    Field("weight_g", Kind.WHOLE, "weight weight(g) 重量(克) 重量(g) 克重", least=0, most=MOST_GRAMS),
    Field("weight_kg", Kind.DECIMAL, "weight(kg) 重量(千克) 重量(kg) 重量(公斤)", least=0, most=MOST_GRAMS / 1000),
    Field("volume_cm3", Kind.WHOLE, "volume volume(cm3) 体积(cm3) 体积(立方厘米)", least=0, most=MOST_GRAMS),
)  # fmt: skip

BUNDLE_FIELDS = (
    Field("bundle", Kind.CODE, "bundle_sku bundle_code 组合装 组合装编码 组合编码 套装编码", required=True, most=64),
    Field(
        "component", Kind.CODE, "component_sku component_code 子件 子件编码 单品编码 组成货品", required=True, most=64
    ),
    Field("qty", Kind.WHOLE, "quantity pieces 数量 件数 子件数量", required=True, least=0, most=1_000_000),
)

UNKNOWN_SKU = Flaw("unknown_sku", _("There is no SKU with this code."), _("Correct the code, or import the SKU first."))
BUNDLE_IN_BUNDLE = Flaw(
    "bundle_in_bundle",
    _("A part of a bundle cannot itself be a bundle."),
    _("List the parts of the inner bundle instead."),
)
ITSELF = Flaw("bundle_of_itself", _("A bundle cannot contain itself."), _("Remove the row."))


def store_skus(sheet: Sheet) -> Outcome:
    """Insert or update SKUs by code. Columns that the file lacks are left as they are."""
    rows = faultless(sheet, _in_grams(sheet.read(sheet.texts)), ["code"])
    frame = given(rows, {"code": None, "name": "", "category": "", "weight_g": 0, "volume_cm3": 0})
    if "tags" in rows.columns:
        frame = frame.with_columns(array_text(rows["tags"]))
    defaults = {"name": "", "category": "", "tags": "{}", "weight_g": 0, "volume_cm3": 0}
    return upsert("catalog_sku", frame, ["code"], defaults)


def _in_grams(rows: pl.DataFrame) -> pl.DataFrame:
    """Weights in kilograms as grams, where the grams are not given."""
    if "weight_kg" not in rows.columns:
        return rows
    grams = (pl.col("weight_kg") * 1000).round().cast(pl.Int64)
    weight = pl.coalesce("weight_g", grams) if "weight_g" in rows.columns else grams
    return rows.with_columns(weight.alias("weight_g"))


def store_bundles(sheet: Sheet) -> Outcome:
    """Insert or update parts of bundles by (bundle, part); a part with 0 pieces is taken out of its bundle."""
    rows = sheet.read(sheet.texts)
    bundle = look_up(sheet, rows, "bundle", "catalog_sku", UNKNOWN_SKU)
    component = look_up(sheet, rows, "component", "catalog_sku", UNKNOWN_SKU)
    rows = rows.with_columns(bundle, component)
    note(sheet, rows, bundle == component, "component", ITSELF)
    _find_nested(sheet, rows)
    rows = faultless(sheet, rows, ["bundle_id", "component_id"])
    kept = rows.filter(pl.col("qty") > 0).select("bundle_id", "component_id", "qty")
    outcome = upsert("catalog_bundlecomponent", kept, ["bundle_id", "component_id"], {})
    gone = rows.filter(pl.col("qty") == 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM catalog_bundlecomponent c USING unnest(%s::int[], %s::int[]) AS n (bundle_id, component_id)"
            " WHERE c.bundle_id = n.bundle_id AND c.component_id = n.component_id",
            [gone["bundle_id"].to_list(), gone["component_id"].to_list()],
        )
        return outcome + Outcome(changed=cursor.rowcount, unchanged=gone.height - cursor.rowcount)


def _find_nested(sheet: Sheet, rows: pl.DataFrame) -> None:
    """Note parts that are bundles, and bundles that are parts, in this file or already."""
    rows = rows.filter(pl.col("qty") > 0)
    bundles, parts = rows["bundle_id"].drop_nulls().unique(), rows["component_id"].drop_nulls().unique()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT component_id FROM catalog_bundlecomponent WHERE component_id = ANY(%s)", [bundles.to_list()]
        )
        already_parts = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT bundle_id FROM catalog_bundlecomponent WHERE bundle_id = ANY(%s)", [parts.to_list()])
        already_bundles = [row[0] for row in cursor.fetchall()]
    nested = rows["component_id"].is_in([*already_bundles, *bundles]) | rows["bundle_id"].is_in(already_parts)
    note(sheet, rows, nested & (rows["bundle_id"] != rows["component_id"]), "component", BUNDLE_IN_BUNDLE)
