"""Writing the practice data as the files a user would import: one CSV per kind, headings as in docs/import.md."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from .goods import bundles, goods
from .network import SHOPS, TEAMS, WAREHOUSES, freight
from .orders import CHINA, PracticeOrder, shop_code
from .rules import PROMOTION, rule_set
from .supply import Pair, safety

ORDER_HEADINGS = (
    "shop",
    "number",
    "paid_at",
    "buyer",
    "name",
    "phone",
    "province",
    "city",
    "district",
    "address",
    "amount",
    "payment",
    "tags",
    "buyer_remark",
    "seller_remark",
    "line_number",
    "sku",
    "qty",
    "line_amount",
)


def write_table(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """A CSV file that a spreadsheet opens with the right characters."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(headings)
        out.writerows(rows)
    return path


def write_network(folder: Path, today: date) -> list[tuple[str, Path]]:
    """The files of everything that orders and stock refer to, with their kinds, in the order to import them in."""
    tables = (
        ("sku", *_skus()),
        ("bundle", *_bundles()),
        ("shop", *_shops()),
        ("shop_sku", *_shop_skus()),
        ("warehouse", *_warehouses()),
        ("team", *_teams()),
        ("freight", *_freight()),
        ("calendar", *_calendar(today)),
        ("promotion", *_promotions(today)),
    )
    return [(kind, write_table(folder / f"{kind}.csv", headings, rows)) for kind, headings, rows in tables]


def write_rules(folder: Path) -> Path:
    """The rule set as `paidan rules publish` reads it."""
    path = folder / "rules.json"
    path.write_text(json.dumps(rule_set(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def write_stock(path: Path, on_hand: Mapping[Pair, int]) -> Path:
    """A count: what the warehouses hold of every SKU they hold."""
    rows = ((warehouse, sku, qty, safety(sku, warehouse)) for (sku, warehouse), qty in on_hand.items())
    return write_table(path, ("warehouse", "sku", "on_hand", "safety"), rows)


def write_orders(path: Path, orders: Iterable[PracticeOrder]) -> Path:
    """Orders as platforms export them: a row per line, the order's columns repeated."""
    return write_table(path, ORDER_HEADINGS, (row for order in orders for row in _order_rows(order)))


def _order_rows(order: PracticeOrder) -> Iterable[Sequence[object]]:
    buyer = order.buyer
    for line in order.lines:
        yield (
            order.shop,
            order.number,
            f"{order.paid_at:%Y-%m-%d %H:%M:%S}",
            buyer.account,
            buyer.name,
            buyer.phone,
            buyer.province,
            buyer.city,
            buyer.district,
            buyer.address,
            yuan(order.amount_minor),
            order.payment,
            ",".join(order.tags),
            order.buyer_remark,
            order.seller_remark,
            line.number,
            line.code,
            line.qty,
            yuan(line.amount_minor),
        )


def yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


Table = tuple[Sequence[str], Iterable[Sequence[object]]]


def _skus() -> Table:
    sold = [*goods().values(), *(good for good, _ in bundles().values())]
    rows = ((g.code, g.name, g.category, ",".join(g.tags), g.weight_g, g.volume_cm3) for g in sold)
    return ("code", "name", "category", "tags", "weight_g", "volume_cm3"), rows


def _bundles() -> Table:
    rows = ((code, part, 1) for code, (_, parts) in bundles().items() for part in parts)
    return ("bundle", "component", "qty"), rows


def _shops() -> Table:
    rows = ((shop.code, shop.name, shop.platform, shop.ship_within_h) for shop in SHOPS)
    return ("code", "name", "platform", "ship_within_h"), rows


def _shop_skus() -> Table:
    rows = ((shop.code, own, sku) for shop in SHOPS for sku in goods() if (own := shop_code(shop, sku)) != sku)
    return ("shop", "code", "sku"), rows


def _warehouses() -> Table:
    headings = (
        "code",
        "name",
        "position",
        "region",
        "address",
        "lat",
        "lng",
        "covers",
        "excludes",
        "capacity",
        "ratio",
        "cutoff",
        "handling_s",
        "weekdays_off",
        "holidays",
    )
    rows = (
        (
            w.code, w.name, place, w.region, w.address, w.lat, w.lng, ",".join(w.covers), ",".join(w.excludes),
            w.capacity, w.ratio, w.cutoff, 2 * 3600, ",".join(w.weekdays_off), "",
        )
        for place, w in enumerate(WAREHOUSES, 1)
    )  # fmt: skip
    return headings, rows


def _teams() -> Table:
    rows = ((t.code, t.name, t.warehouse, ",".join(t.shops), ",".join(t.skills), t.ratio, t.capacity) for t in TEAMS)
    return ("code", "name", "warehouse", "shops", "skills", "ratio", "capacity"), rows


def _freight() -> Table:
    headings = ("warehouse", "carrier", "region", "first_g", "first_price", "next_g", "next_price")
    rows = (
        (f.warehouse, f.carrier, f.region, 1000, yuan(f.first_minor), 1000, yuan(f.next_minor), f.days, f.cm3_per_kg)
        for f in freight()
    )
    return (*headings, "transit_days", "volumetric_cm3_per_kg"), rows


def _calendar(today: date) -> Table:
    """The promotion is worked everywhere; two weeks before it, one warehouse closed for a day to count its stock."""
    rows = [(w.code, today, "yes") for w in WAREHOUSES] + [("cd", today - timedelta(days=14), "no")]
    return ("warehouse", "day", "working"), rows


def _promotions(today: date) -> Table:
    midnight = datetime.combine(today, time(), CHINA)
    period = (f"{at:%Y-%m-%d %H:%M:%S}" for at in (midnight, midnight + timedelta(days=1)))
    return ("code", "name", "starts_at", "ends_at"), [(PROMOTION, "双暖节", *period)]
