"""The addresses of the settings."""

from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _

from paidan.network.models import Promotion
from paidan.network.scopes import visible_shops, visible_teams, visible_warehouses

from . import (
    check_views,
    consequences,
    files_views,
    freight_views,
    hook_views,
    plan_views,
    rebalance_views,
    warehouse_views,
)
from .coverage_views import coverage
from .forms import PromotionForm, ShopForm, TeamForm
from .index import index
from .lists import PromotionList, ShopList, TeamList, WarehouseList
from .rows import RowPages
from .warehouse_form import WarehouseForm

SHOPS = RowPages(
    "shop", _("Shops"), _("New shop"), ShopForm, visible_shops, consequences.of_shop, hook_views.shop_context
)
TEAMS = RowPages("team", _("Teams"), _("New team"), TeamForm, visible_teams, consequences.of_team)
PROMOTIONS = RowPages(
    "promotion", _("Promotions"), _("New promotion"), PromotionForm, lambda _user: Promotion.objects.all()
)
WAREHOUSES = RowPages(
    "warehouse",
    _("Warehouses"),
    _("New warehouse"),
    WarehouseForm,
    visible_warehouses,
    consequences.of_warehouse,
    warehouse_views.warehouse_context,
    "desk/settings/warehouse.html",
)
WAREHOUSE = "settings/warehouses/<int:warehouse_id>/"
RATES = "settings/freight/<int:warehouse_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/", index, name="settings"),
    path("settings/checks/", check_views.checks, name="settings-checks"),
    path("settings/checks/lists/", check_views.check_lists, name="settings-check-lists"),
    path("settings/checks/<int:shop_id>/", check_views.shop_checks, name="settings-shop-checks"),
    path("settings/shops/<int:shop_id>/hook/", hook_views.shop_hook, name="settings-shop-hook"),
    path("settings/shops/", include(SHOPS.urls())),
    path("settings/shops/", include(ShopList().urls())),
    path("settings/teams/", include(TEAMS.urls())),
    path("settings/teams/", include(TeamList().urls())),
    path("settings/warehouses/place/", warehouse_views.find_place, name="settings-place"),
    path("settings/warehouses/coverage/", coverage, name="settings-coverage"),
    path(WAREHOUSE + "files/", files_views.warehouse_files, name="settings-warehouse-files"),
    path(WAREHOUSE + "day/", warehouse_views.change_day, name="settings-day"),
    path("settings/warehouses/", include(WAREHOUSES.urls())),
    path("settings/warehouses/", include(WarehouseList().urls())),
    path("settings/promotions/", include(PROMOTIONS.urls())),
    path("settings/promotions/", include(PromotionList().urls())),
    path("settings/plans/", plan_views.plans, name="settings-plans"),
    path("settings/plans/save/", plan_views.save, name="settings-plans-save"),
    path("settings/rebalance/", rebalance_views.nightly_rebalance, name="settings-rebalance"),
    path("settings/freight/", freight_views.tables, name="settings-freight"),
    path("settings/freight/new/", freight_views.new, name="settings-freight-new"),
    path("settings/freight/file/", freight_views.bring_in, name="settings-freight-file"),
    path(RATES + "see/<path:carrier>", freight_views.see, name="settings-rates"),
    path(RATES + "edit/<path:carrier>", freight_views.edit, name="settings-rates-edit"),
    path(RATES + "csv/<path:carrier>", freight_views.take_out, name="settings-rates-csv"),
]
