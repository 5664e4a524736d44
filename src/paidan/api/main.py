"""The API itself: version, routers, errors; its description is committed as docs/openapi.json."""

from ninja import NinjaAPI

from . import allocations, network, orders, rules, simulations, stock
from .auth import TokenAuth, accounted
from .once import AnsweredBefore
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
)
api.add_decorator(accounted, mode="view")
api.add_router("/orders", orders.router)
api.add_router("/allocations", allocations.router)
api.add_router("/stock", stock.router)
api.add_router("/rules", rules.router)
api.add_router("/rules", simulations.router)
api.add_router("", network.router)
add_handlers(api)
api.add_exception_handler(AnsweredBefore, lambda _request, before: before.again())  # type: ignore[attr-defined]
