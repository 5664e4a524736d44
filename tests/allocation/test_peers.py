"""What other order systems' own tests expect, through the database: import the files, allocate, read back."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.builders import NOW

from paidan.allocation.models import AllocationLine
from paidan.allocation.wave import run_waves
from paidan.desk.imports import import_file
from paidan.orders.models import OrderLine
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db
PEERS = Path(__file__).parent.parent / "data" / "peers"
CASES = [case for file in sorted(PEERS.glob("*.json")) for case in json.loads(file.read_text("utf-8"))["cases"]]


def import_rows(kind: str, rows: list[dict[str, Any]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows(rows)
    report = import_file(kind, io.BytesIO(text.getvalue().encode()), now=NOW)
    assert not report.rejects.rows, report


def load(problem: dict[str, Any]) -> None:
    """Put a problem into the database by the files a seller would import. What is reserved elsewhere is safety here."""
    lines = [line for order in problem["orders"] for line in order["lines"]]
    skus = {row["sku"] for row in problem["stock"]} | {line["sku"] for line in lines}
    import_rows("shop", [{"code": "shop"}])
    import_rows("sku", [{"code": sku} for sku in sorted(skus)])
    places = [{"code": w["id"], "position": w["position"], "open": w["open"]} for w in problem["warehouses"]]
    for place, warehouse in zip(places, problem["warehouses"], strict=True):
        place.update({key: warehouse[key] for key in ("lat", "lng") if key in warehouse})
    import_rows("warehouse", places)
    publish_rules({"policy": problem["policy"]}, now=NOW)
    held = [
        {"sku": s["sku"], "warehouse": s["warehouse"], "on_hand": s["on_hand"], "safety": s["safety"] + s["reserved"]}
        for s in problem["stock"]
    ]
    import_rows("stock", held)
    import_rows(
        "order",
        [
            {"shop": "shop", "number": order["id"], "line_number": line["id"], "sku": line["sku"], "qty": line["qty"]}
            | {key: order[key] for key in ("lat", "lng") if key in order}
            for order in problem["orders"]
            for line in order["lines"]
        ],
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_peers_case_comes_out_of_the_database_as_the_peer_expects(case: dict[str, Any]) -> None:
    load(case["problem"])
    run_waves(now=NOW)
    served = [
        [number, warehouse, qty]
        for number, warehouse, qty in AllocationLine.objects.values_list(
            "line__number", "allocation__warehouse__code", "qty"
        )
    ]
    expected = case["expect"]
    if "allocations" in expected:
        assert sorted(served) == sorted(expected["allocations"])
    totals = {line.number: sum(qty for number, _, qty in served if number == line.number) for line in lines_of(case)}
    if "allocated_total" in expected:
        assert totals == expected["allocated_total"]
    open_qty = {line.number: line.qty - totals[line.number] for line in lines_of(case)}
    assert {number: qty for number, qty in open_qty.items() if qty} == expected.get("open", {})


def lines_of(case: dict[str, Any]) -> list[OrderLine]:
    return list(OrderLine.objects.filter(order__number__in=[order["id"] for order in case["problem"]["orders"]]))
