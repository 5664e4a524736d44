"""What a program says of a shop, warehouse or team, as the fields of its row; what is wrong is said at its field."""

from collections.abc import Collection, Sequence
from datetime import time
from typing import Any, NoReturn
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.geo.codes import code_of
from paidan.network.coverage import read_coverage
from paidan.network.intake import region_of
from paidan.network.models import Shop, Team, Warehouse
from paidan.network.scopes import visible_shops, visible_teams, visible_warehouses

from .place_schemas import ShopChange, ShopFull, TeamChange, TeamFull, WarehouseChange, WarehouseFull
from .problems import Problem

Values = dict[str, Any]
EVERYWHERE = "*"


def wrong(pointer: str, code: str, said: object) -> NoReturn:
    """422 at a field."""
    raise Problem(422, code, said, pointer=pointer, errors=[{"pointer": pointer, "code": code, "detail": str(said)}])


def shop_shown(row: Shop) -> ShopFull:
    names = ("code", "name", "platform", "ship_within_h", "active")
    return ShopFull(**{name: getattr(row, name) for name in names}, teams=sorted(one.code for one in row.teams.all()))


def shop_values(body: ShopChange, row: Shop, user: User) -> tuple[Values, dict[str, Collection[Any]]]:
    values = body.model_dump(exclude_unset=True, exclude={"teams", "code"})
    if "teams" not in body.model_fields_set:
        return values, {}
    return values, {"teams": _chosen(body.teams, visible_teams(user), row.teams if row.pk else None, "/teams")}


def warehouse_shown(row: Warehouse) -> WarehouseFull:
    same = ("code", "name", "position", "address", "lat", "lng", "covers", "excludes", "capacity", "ratio")
    values = {name: getattr(row, name) for name in (*same, "timezone", "handling_s", "weekdays_off", "holidays")}
    cutoff = row.cutoff.strftime("%H:%M") if row.cutoff else None
    return WarehouseFull(**values, open=row.is_open, region=code_of(row.region), cutoff=cutoff)


def warehouse_values(body: WarehouseChange, row: Warehouse, _user: User) -> tuple[Values, dict[str, Collection[Any]]]:
    values = body.model_dump(exclude_unset=True, exclude={"code"})
    if "open" in values:
        values["is_open"] = values.pop("open")
    if "region" in values:
        values["region"] = region_number(values["region"], "/region")
    if values.get("cutoff"):
        values["cutoff"] = time.fromisoformat(values["cutoff"])
    if "timezone" in values and values["timezone"] not in available_timezones():
        wrong("/timezone", "unknown_timezone", _("There is no such time zone. Write for example Asia/Shanghai."))
    if "weekdays_off" in values:
        values["weekdays_off"] = sorted(set(values["weekdays_off"]))
    place = {name: values.get(name, getattr(row, name)) for name in ("lat", "lng")}
    if (place["lat"] is None) != (place["lng"] is None):
        missing = "/lat" if place["lat"] is None else "/lng"
        wrong(missing, "half_a_place", _("Give latitude and longitude both, or neither."))
    _cover(values, row)
    if row.pk is None and "position" not in values:
        values["position"] = Warehouse.objects.count() + 1
    return values, {}


def _cover(values: Values, row: Warehouse) -> None:
    for name in ("covers", "excludes"):
        for at, code in enumerate(values.get(name) or ()):
            try:
                read_coverage(code, "")
            except (LookupError, ValueError):
                wrong(f"/{name}/{at}", "unknown_region", _("There is no region with this code."))
    if not values.keys() & {"covers", "excludes"}:
        return
    covers = values.get("covers", row.covers)
    written = EVERYWHERE if covers is None else ",".join(covers)
    chosen = read_coverage(written, ",".join(values.get("excludes", row.excludes)))
    values["covers"] = None if chosen.covers is None else sorted(chosen.covers)
    values["excludes"] = sorted(chosen.excludes)


def team_shown(row: Team) -> TeamFull:
    names = ("code", "name", "skills", "ratio", "capacity", "active")
    return TeamFull(
        **{name: getattr(row, name) for name in names},
        warehouse=row.warehouse.code if row.warehouse else None,
        shops=sorted(one.code for one in row.shops.all()),
    )


def team_values(body: TeamChange, row: Team, user: User) -> tuple[Values, dict[str, Collection[Any]]]:
    values = body.model_dump(exclude_unset=True, exclude={"shops", "code"})
    if values.get("warehouse") is not None:
        values["warehouse"] = visible_warehouses(user).filter(code=values["warehouse"]).first()
        if values["warehouse"] is None:
            wrong("/warehouse", "unknown_warehouse", _("There is no such warehouse within reach."))
    if "skills" in values:
        values["skills"] = list(dict.fromkeys(values["skills"]))
    related: dict[str, Collection[Any]] = {}
    if "shops" in body.model_fields_set:
        related["shops"] = _chosen(body.shops, visible_shops(user), row.shops if row.pk else None, "/shops")
    shops = related["shops"] if "shops" in related else row.shops.all() if row.pk else ()
    if values.get("warehouse", row.warehouse) is None and not shops:
        said = _("Choose a warehouse, or the shops it serves: else nothing reaches it.")
        wrong("/warehouse", "serves_nothing", said)
    return values, related


def _chosen(codes: Sequence[str], visible: Any, kept: Any, pointer: str) -> list[Any]:
    """The rows of these codes, with those the caller does not reach, which are not theirs to drop."""
    known = {one.code: one for one in visible.filter(code__in=codes)}
    for at, code in enumerate(codes):
        if code not in known:
            wrong(f"{pointer}/{at}", "unknown_code", _("“%(code)s” is not known.") % {"code": code})
    hidden = [] if kept is None else list(kept.exclude(pk__in=visible.order_by().values("pk")))
    return [*known.values(), *hidden]


def region_number(text: str, pointer: str) -> int:
    number = region_of(text.strip()) if text.strip() else 0
    if number is None:
        said = _("There is no such region, or there are several. Write the province before the name.")
        wrong(pointer, "unknown_region", said)
    return number
