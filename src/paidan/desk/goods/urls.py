"""The addresses of SKUs, bundles, shops' codes, stock and movements."""

from django.urls import URLPattern, URLResolver, include, path

from .adjust_views import adjust_page
from .codes import MappedCodes, change_code, map_code, shop_codes
from .movements import MovementList
from .sku_list import BundleList, SkuList
from .sku_views import bundle, change_sku, new_bundle, new_sku, sku, sku_options
from .stock_list import StockList

urlpatterns: list[URLPattern | URLResolver] = [
    path("skus/", include(SkuList().urls())),
    path("skus/new/", new_sku, name="sku-new"),
    path("skus/options/", sku_options, name="sku-options"),
    path("skus/<int:sku_id>/", sku, name="sku"),
    path("skus/<int:sku_id>/change/", change_sku, name="sku-change"),
    path("bundles/", include(BundleList().urls())),
    path("bundles/new/", new_bundle, name="bundle-new"),
    path("bundles/<int:sku_id>/", bundle, name="bundle"),
    path("shop-codes/", shop_codes, name="shop-codes"),
    path("shop-codes/mapped/", include(MappedCodes().urls())),
    path("shop-codes/of/<int:shop_id>/map/", map_code, name="shop-code-map"),
    path("shop-codes/<int:code_id>/", change_code, name="shop-code"),
    path("stock/", include(StockList().urls())),
    path("stock/movements/", include(MovementList().urls())),
    path("stock/<int:sku_id>/<int:warehouse_id>/adjust/", adjust_page, name="stock-adjust"),
]
