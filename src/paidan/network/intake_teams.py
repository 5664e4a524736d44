"""Brings teams in from tables, with the shops each serves."""

import polars as pl
from django.db import connection

from paidan.kit.tables.entries import faultless, given, look_up
from paidan.kit.tables.report import Outcome
from paidan.kit.tables.sheet import ROW, Sheet
from paidan.kit.tables.staging import array_text, upsert

from .intake_fields import UNKNOWN_SHOP, UNKNOWN_WAREHOUSE

_SERVED = """
SELECT t.id, coalesce(array_agg(s.shop_id) FILTER (WHERE s.shop_id IS NOT NULL), '{}')
FROM network_team t LEFT JOIN network_team_shops s ON s.team_id = t.id WHERE t.code = ANY(%s) GROUP BY t.id
"""


def store_teams(sheet: Sheet) -> Outcome:
    """Insert or update teams by code, and the shops each serves."""
    rows = sheet.read(sheet.texts)
    if "warehouse" in rows.columns:
        rows = rows.with_columns(look_up(sheet, rows, "warehouse", "network_warehouse", UNKNOWN_WAREHOUSE))
    shops = _team_shops(sheet, rows)
    rows = faultless(sheet, rows, ["code"])
    if "skills" in rows.columns:
        rows = rows.with_columns(array_text(rows["skills"]))
    defaults = {"name": "", "ratio": 0, "active": True, "skills": "{}"}
    frame = given(rows, {"code": None, "warehouse_id": None, "capacity": None, **defaults})
    outcome = upsert("network_team", frame, ["code"], defaults)
    if "shops" not in rows.columns:
        return outcome
    wanted = shops.join(rows.select(ROW, "code"), on=ROW)
    changed = _set_team_shops(rows["code"].to_list(), wanted)
    only_shops = min(changed, outcome.unchanged)
    return Outcome(outcome.created, outcome.changed + only_shops, outcome.unchanged - only_shops)


def _team_shops(sheet: Sheet, rows: pl.DataFrame) -> pl.DataFrame:
    """The ids of the shops each row lists, by row."""
    if "shops" not in rows.columns:
        return pl.DataFrame(schema={ROW: pl.Int64, "shop_id": pl.Int32})
    each = rows.select(ROW, "shops").explode("shops").drop_nulls()
    return each.with_columns(look_up(sheet, each, "shops", "network_shop", UNKNOWN_SHOP)).select(
        ROW, shop_id="shops_id"
    )


def _set_team_shops(codes: list[str], wanted: pl.DataFrame) -> int:
    """Make the teams serve exactly these shops; answers how many teams serve others than before."""
    with connection.cursor() as cursor:
        cursor.execute(_SERVED, [codes])
        before = {team: set(shops) for team, shops in cursor.fetchall()}
        after = {team: set[int]() for team in before}
        cursor.execute("SELECT code, id FROM network_team WHERE code = ANY(%s)", [codes])
        team_of = dict(cursor.fetchall())
        for code, shop in wanted.select("code", "shop_id").iter_rows():
            after[team_of[code]].add(shop)
        changed = [team for team in before if before[team] != after[team]]
        pairs = [(team, shop) for team in changed for shop in sorted(after[team])]
        cursor.execute("DELETE FROM network_team_shops WHERE team_id = ANY(%s)", [changed])
        cursor.executemany("INSERT INTO network_team_shops (team_id, shop_id) VALUES (%s, %s)", pairs)
        return len(changed)
