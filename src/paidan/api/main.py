"""The API itself: version, routers, errors; its description is committed as docs/openapi.json."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from . import (
    allocations,
    bundles,
    exceptions,
    freight,
    intercepts,
    members,
    network,
    order_acts,
    order_changes,
    orders,
    places,
    promotions,
    ratios,
    rebalances,
    report_boards,
    reports,
    rules,
    shop_codes,
    simulations,
    skus,
    stock,
    waves,
)
from .auth import TokenAuth, accounted
from .once import AnsweredBefore
from .parsing import BodyParser
from .problems import add_handlers

DESCRIPTION = """Orders in, decisions out. Authenticate with an API token from the settings:
`Authorization: Bearer pd_…`. Money is in minor units, instants are ISO 8601 with a zone. Errors are problem documents
(RFC 9457) whose `pointer` names the field. `Accept-Language` chooses the language of sentences; codes never change."""

api = NinjaAPI(
    title="Paidan",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    auth=TokenAuth(),
    docs_url=None,
    openapi_url=None,
    parser=BodyParser(),
)
api.add_decorator(accounted, mode="view")
for router in {id(one.router): one.router for one in (orders, order_changes, order_acts)}.values():
    api.add_router("/orders", router)
for router in (allocations.router, intercepts.router):
    api.add_router("/allocations", router)
api.add_router("/rebalance", rebalances.router)
api.add_router("/stock", stock.router)
api.add_router("/rules", rules.router)
api.add_router("/rules", simulations.router)
api.add_router("/waves", waves.router)
api.add_router("/exceptions", exceptions.router)
for router in (reports.router, report_boards.router):
    api.add_router("/reports", router)
api.add_router("/bundles", bundles.router)
api.add_router("/promotions", promotions.router)
api.add_router("/shop-codes", shop_codes.router)
api.add_router("", members.router)  # before the teams, whose codes may be written with a slash
for router in {id(one.router): one.router for one in (network, places, skus, freight, ratios)}.values():
    api.add_router("", router)
add_handlers(api)


@api.exception_handler(AnsweredBefore)
def answered_before(_request: HttpRequest, before: AnsweredBefore) -> HttpResponse:
    """The kept answer of an Idempotency-Key."""
    return before.again()
