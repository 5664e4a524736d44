"""`paidan demo` keeps away from real orders. What it does with an empty folder: tests/desk/test_practice_month.py."""

from io import StringIO

import pytest
from rich.console import Console
from tests.builders import make_order

from paidan.cli import demo
from paidan.cli.faults import Fault
from paidan.orders.models import Order


@pytest.mark.django_db
def test_the_demo_does_not_mix_with_orders_that_are_there():
    make_order()
    with pytest.raises(Fault, match="data folder of its own"):
        demo.run_demo(Console(file=StringIO()), serve=False)
    assert Order.objects.count() == 1
