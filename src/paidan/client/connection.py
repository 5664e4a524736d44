"""The client itself: one connection to one server, and a module per resource upon it."""

from __future__ import annotations

import time
from types import TracebackType

import httpx

from .allocations import Allocations
from .goods import Bundles, Members, ShopCodes
from .network import Freight, Ratios, Rows
from .orders import Orders
from .rebalances import Rebalances
from .reports import Reports
from .rules import Rules
from .stock import Stock
from .transport import Transport, Wait
from .waves import Exceptions, Waves

TIMEOUT_S = 60.0


class Paidan:
    """A server by its address and a token. Close it, or use it in a `with` statement.

    `language` is that of sentences (en, zh-hans); `through` replaces the network, for tests.
    """

    def __init__(
        self,
        server: str,
        token: str,
        *,
        language: str = "en",
        timeout_s: float = TIMEOUT_S,
        through: httpx.BaseTransport | None = None,
        wait: Wait = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language, "Accept": "application/json"}
        self._http = httpx.Client(base_url=server.rstrip("/"), headers=headers, timeout=timeout_s, transport=through)
        transport = Transport(self._http, wait)
        self.orders = Orders(transport)
        self.allocations = Allocations(transport)
        self.stock = Stock(transport)
        self.rules = Rules(transport)
        self.rebalances = Rebalances(transport)
        self.waves = Waves(transport)
        self.exceptions = Exceptions(transport)
        self.shops = Rows(transport, "/shops")
        self.warehouses = Rows(transport, "/warehouses")
        self.teams = Rows(transport, "/teams")
        self.skus = Rows(transport, "/skus", paged=True)
        self.promotions = Rows(transport, "/promotions")
        self.bundles = Bundles(transport)
        self.members = Members(transport)
        self.shop_codes = ShopCodes(transport)
        self.reports = Reports(transport)
        self.freight = Freight(transport)
        self.ratios = Ratios(transport)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Paidan:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
