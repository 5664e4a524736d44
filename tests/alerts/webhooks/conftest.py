"""A place to allocate to, an ear on the loopback, and an endpoint that listens to everything."""

import pytest
from tests.alerts.webhooks.ear import listening
from tests.builders import GUANGZHOU, NOW, make_stock, make_team, make_warehouse

from paidan.alerts.models import Endpoint
from paidan.alerts.webhooks.events import WebhookEvent
from paidan.alerts.webhooks.sending import Sender
from paidan.alerts.webhooks.services import add_endpoint
from paidan.rules.services import publish_rules


@pytest.fixture
def place(settings):
    settings.WEBHOOKS_PRIVATE = True
    warehouse = make_warehouse("gz", name="Guangzhou", **GUANGZHOU)
    make_team("t1", warehouse)
    make_stock(warehouse, "A", 100)
    publish_rules([], now=NOW)
    return warehouse


@pytest.fixture
def ear():
    with listening() as found:
        yield found


@pytest.fixture
def sender():
    with Sender(total_s=10.0) as found:
        yield found


@pytest.fixture
def listener(ear):
    """An endpoint at the ear, of chosen events and shops; its secret is `listener.secret`."""

    def make(name="erp", events=tuple(WebhookEvent.values), shops=(), url=None):
        row = Endpoint(name=name, url=url or ear.url, events=list(events))
        row.secret = add_endpoint(row, shops=shops, now=NOW, by=None)
        return row

    return make
