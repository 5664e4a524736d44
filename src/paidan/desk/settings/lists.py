"""The lists of shops, warehouses, teams and promotions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.geo.codes import code_of, number_of
from paidan.network.models import FreightRate, Promotion, Shop, Team, Warehouse
from paidan.network.scopes import scope_of, visible_shops, visible_teams, visible_warehouses
from paidan.web import components, formats
from paidan.web.lists import Column, ListPage, Tab, TextFilter

from .warehouse_form import region_words

Row = TypeVar("Row", bound=Model)
SHOWN = 3
"""Names in a cell before “+2”."""


class SettingsList(ListPage[Row]):
    """A list within the settings: the way back, and the button that adds one."""

    namespace, capability, template = "desk", Capability.SEE_NETWORK, "desk/settings/list.html"
    default_sort, topics = "code", ("network",)
    one: ClassVar[str]
    new: ClassVar[Any]

    def context(self, request: HttpRequest) -> dict[str, Any]:
        user = cast(User, request.user)
        may = user.can(Capability.CHANGE_NETWORK) and scope_of(user).is_everything
        return {
            "crumbs": [(_("Settings"), reverse("desk:settings"))],
            "new_url": reverse(f"desk:{self.one}-new") if may else "",
            "new": self.new,
        }

    def row_url(self, row: Row) -> str:
        return reverse(f"desk:{self.one}", args=[row.pk])

    def empty(self, request: HttpRequest) -> dict[str, Any]:
        found = {"title": _("Nothing here yet"), "sentence": _("Add the first, or import a file."), "mark": "settings"}
        url = self.context(request)["new_url"]
        return {**found, "url": url, "button": self.new} if url else found


def state(on: bool, yes: str, no: str) -> Any:
    return components.state_dot("shipped" if on else "cancelled", yes if on else no)


def names(found: Sequence[object]) -> Any:
    """The first few, and how many more."""
    if not found:
        return components.dash()
    shown = format_html_join(_(", "), "{}", ((one,) for one in found[:SHOWN]))
    return components.more(shown, len(found) - SHOWN if len(found) > SHOWN else 0)


def limit(capacity: int | None) -> Any:
    return components.dash() if capacity is None else formats.count(capacity)


CODE = Column("code", gettext_lazy("Code"), cell=lambda row, _now: row.code, sort="code", width="130px",
              export=lambda row: row.code)  # fmt: skip
NAME = Column("name", gettext_lazy("Name"), cell=lambda row, _now: row.name or components.dash(),
              export=lambda row: row.name)  # fmt: skip
RATIO = Column("ratio", gettext_lazy("Ratio"), cell=lambda row, _now: formats.count(row.ratio), number=True,
               width="70px", export=lambda row: row.ratio)  # fmt: skip
CAPACITY = Column("capacity", gettext_lazy("Capacity a day"), cell=lambda row, _now: limit(row.capacity), number=True,
                  width="100px", width_en="120px", export=lambda row: row.capacity)  # fmt: skip
SEARCH = TextFilter(
    key="q",
    label=gettext_lazy("Code or name"),
    common=True,
    narrow=lambda rows, text: rows.filter(Q(code__icontains=text) | Q(name__icontains=text)),
)


def active(row: Any, now: datetime) -> Any:  # noqa: ARG001
    return state(row.active, _("active"), _("closed"))


ACTIVE = Column("active", gettext_lazy("State"), cell=active, width="90px", export=lambda row: row.active)
ACTIVE_TABS = (
    Tab("active", gettext_lazy("Active")),
    Tab("closed", gettext_lazy("Closed")),
    Tab("all", gettext_lazy("All")),
)


def of_active_tab(rows: QuerySet[Row], tab: str) -> QuerySet[Row]:
    return rows if tab == "all" else rows.filter(active=tab == "active")


def active_counts(rows: QuerySet[Any]) -> dict[str, int]:
    found = rows.order_by().aggregate(all=Count("pk"), active=Count("pk", filter=Q(active=True)))
    return {**found, "closed": found["all"] - found["active"]}


class ShopList(SettingsList[Shop]):
    """The shops within the reader's scope."""

    key, heading, one, new = "settings-shops", gettext_lazy("Shops"), "settings-shop", gettext_lazy("New shop")
    filters, tabs = (SEARCH, TextFilter(key="platform", label=gettext_lazy("Platform"), common=True)), ACTIVE_TABS
    columns = (
        CODE,
        NAME,
        Column("platform", gettext_lazy("Platform"), cell=lambda row, _now: row.platform or components.dash(),
               width="110px", export=lambda row: row.platform),
        Column("promise", gettext_lazy("Ships within"), number=True, width="100px", width_en="110px",
               cell=lambda row, _now: _("%(hours)d h") % {"hours": row.ship_within_h},
               export=lambda row: row.ship_within_h),
        Column("teams", gettext_lazy("Default team"), cell=lambda row, _now: names([*row.teams.all()]), width="260px",
               export=lambda row: "; ".join(team.code for team in row.teams.all())),
        ACTIVE,
    )  # fmt: skip

    def rows(self, user: User) -> QuerySet[Shop]:
        return cast("QuerySet[Shop]", visible_shops(user))

    def of_tab(self, rows: QuerySet[Shop], tab: str, now: datetime) -> QuerySet[Shop]:  # noqa: ARG002
        return of_active_tab(rows, tab)

    def tab_counts(self, user: User, now: datetime) -> dict[str, int]:  # noqa: ARG002
        return active_counts(self.rows(user))

    def shown(self, rows: QuerySet[Shop]) -> QuerySet[Shop]:
        return rows.prefetch_related("teams")


class TeamList(SettingsList[Team]):
    """The teams within the reader's scope."""

    key, heading, one, new = "settings-teams", gettext_lazy("Teams"), "settings-team", gettext_lazy("New team")
    filters, tabs = (SEARCH,), ACTIVE_TABS
    columns = (
        CODE,
        NAME,
        Column("warehouse", gettext_lazy("Warehouse"), cell=lambda row, _now: row.warehouse or components.dash(),
               width="150px", export=lambda row: row.warehouse.code if row.warehouse else ""),
        Column("shops", gettext_lazy("Shops"), cell=lambda row, _now: names([*row.shops.all()]), width="190px",
               export=lambda row: "; ".join(shop.code for shop in row.shops.all())),
        Column("skills", gettext_lazy("Skills"), cell=lambda row, _now: components.tags(row.skills), width="120px",
               export=lambda row: "; ".join(row.skills)),
        CAPACITY,
        RATIO,
        Column("members", gettext_lazy("Members"), number=True, width="80px",
               cell=lambda row, _now: formats.count(len(row.members.all()))),
        ACTIVE,
    )  # fmt: skip

    def rows(self, user: User) -> QuerySet[Team]:
        return cast("QuerySet[Team]", visible_teams(user))

    def of_tab(self, rows: QuerySet[Team], tab: str, now: datetime) -> QuerySet[Team]:  # noqa: ARG002
        return of_active_tab(rows, tab)

    def tab_counts(self, user: User, now: datetime) -> dict[str, int]:  # noqa: ARG002
        return active_counts(self.rows(user))

    def shown(self, rows: QuerySet[Team]) -> QuerySet[Team]:
        return rows.select_related("warehouse").prefetch_related("shops", "members")


def covered(row: Warehouse, now: datetime) -> Any:  # noqa: ARG001
    """Regions by name, what is left out behind."""
    listed = _("everywhere") if row.covers is None else names([region_words_of(code) for code in row.covers])
    if not row.excludes:
        return listed
    left_out = ngettext("but %(number)d", "but %(number)d", len(row.excludes)) % {"number": len(row.excludes)}
    return format_html_join(" ", '<span class="{}">{}</span>', (("", listed), ("mut", left_out)))


def region_words_of(code: str) -> str:
    return region_words(number_of(code))


class WarehouseList(SettingsList[Warehouse]):
    """The warehouses within the reader's scope, in their order."""

    key, heading, one = "settings-warehouses", gettext_lazy("Warehouses"), "settings-warehouse"
    new = gettext_lazy("New warehouse")
    default_sort = "position"
    filters = (SEARCH,)
    tabs = (
        Tab("all", gettext_lazy("All")),
        Tab("open", pgettext_lazy("a warehouse", "Open")),
        Tab("closed", gettext_lazy("Paused"), tone="warn"),
    )
    columns = (
        Column("position", gettext_lazy("No."), cell=lambda row, _now: row.position, sort="position", number=True,
               width="56px", export=lambda row: row.position),
        CODE,
        NAME,
        Column("region", gettext_lazy("Region"), cell=lambda row, _now: region_words(row.region) or components.dash(),
               width="170px", export=lambda row: code_of(row.region)),
        Column("covers", gettext_lazy("Covers"), cell=covered, width="210px",
               export=lambda row: "; ".join(row.covers or ())),
        CAPACITY,
        RATIO,
        Column("cutoff", gettext_lazy("Cut-off"), number=True, width="80px", export=lambda row: row.cutoff,
               cell=lambda row, _now: f"{row.cutoff:%H:%M}" if row.cutoff else components.dash()),
        Column("carriers", gettext_lazy("Carriers"), cell=lambda row, _now: names(row.carriers), width="140px"),
        Column("open", gettext_lazy("State"), width="90px", export=lambda row: row.is_open,
               cell=lambda row, _now: state(row.is_open, pgettext("a warehouse", "open"), _("paused"))),
    )  # fmt: skip

    def rows(self, user: User) -> QuerySet[Warehouse]:
        return Warehouse.objects.filter(pk__in=visible_warehouses(user).order_by().values("pk"))

    def of_tab(self, rows: QuerySet[Warehouse], tab: str, now: datetime) -> QuerySet[Warehouse]:  # noqa: ARG002
        return rows if tab == "all" else rows.filter(is_open=tab == "open")

    def tab_counts(self, user: User, now: datetime) -> dict[str, int]:  # noqa: ARG002
        found = self.rows(user).aggregate(all=Count("pk"), open=Count("pk", filter=Q(is_open=True)))
        return {**found, "closed": found["all"] - found["open"]}

    def decorate(self, rows: Sequence[Warehouse], user: User) -> None:  # noqa: ARG002
        pairs = FreightRate.objects.filter(warehouse__in=rows).values_list("warehouse_id", "carrier").distinct()
        found = sorted(pairs)
        for row in rows:
            row.carriers = [carrier for place, carrier in found if place == row.pk]  # type: ignore[attr-defined]


def phase(row: Promotion, now: datetime) -> Any:
    if row.ends_at <= now:
        return components.state_dot("cancelled", pgettext("a promotion", "over"))
    return (
        components.state_dot("progress", _("running"))
        if row.starts_at <= now
        else components.state_dot("pending", _("to come"))
    )


class PromotionList(SettingsList[Promotion]):
    """The named periods."""

    key, heading, one = "settings-promotions", gettext_lazy("Promotions"), "settings-promotion"
    new = gettext_lazy("New promotion")
    default_sort = "-starts_at"
    filters = (SEARCH,)
    columns = (
        CODE,
        NAME,
        Column("starts", gettext_lazy("Starts"), cell=lambda row, now: components.time(row.starts_at, now=now),
               sort="starts_at", width="150px", export=lambda row: row.starts_at),
        Column("ends", gettext_lazy("Ends"), cell=lambda row, now: components.time(row.ends_at, now=now),
               width="150px", export=lambda row: row.ends_at),
        Column("lasts", gettext_lazy("Lasts"), cell=lambda row, _now: formats.span(row.ends_at - row.starts_at),
               number=True, width="110px"),
        Column("phase", gettext_lazy("State"), cell=phase, width="110px"),
    )  # fmt: skip

    def rows(self, user: User) -> QuerySet[Promotion]:  # noqa: ARG002
        return Promotion.objects.all()


def counts(user: User) -> dict[str, dict[str, int]]:
    """How many there are of what, for the index: one query each."""
    freight = FreightRate.objects.filter(warehouse__in=visible_warehouses(user).order_by().values("pk"))
    now = timezone.now()
    return {
        "shops": active_counts(visible_shops(user)),
        "teams": active_counts(visible_teams(user)),
        "warehouses": WarehouseList().tab_counts(user, now),
        "freight": freight.aggregate(rows=Count("pk"), carriers=Count("carrier", distinct=True)),
        "promotions": Promotion.objects.aggregate(all=Count("pk"), to_come=Count("pk", filter=Q(ends_at__gt=now))),
    }
