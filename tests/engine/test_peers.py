"""What other order systems expect of an allocation comes out (tests/data/peers)."""

import json
from pathlib import Path

import pytest
from tests.engine.documents import Places, served

from paidan.engine.checks import violations
from paidan.engine.files import read_problem, write_plan
from paidan.engine.sequential import allocate

FILES = sorted((Path(__file__).parent.parent / "data" / "peers").glob("*.json"))
CASES = [case for file in FILES for case in json.loads(file.read_text(encoding="utf-8"))["cases"]]


def test_there_are_cases():
    assert len(CASES) >= 29


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case_of_a_peer(case):
    problem = read_problem(case["problem"], Places())
    plan = allocate(problem)
    assert violations(problem, plan) == []
    (decision,) = write_plan(problem, plan, seconds=0.0)["orders"]
    expected = case["expect"]
    got = served(decision)
    if "allocations" in expected:
        assert got == sorted(map(tuple, expected["allocations"]))
    if "allocated_total" in expected:
        totals = {line["id"]: 0 for line in case["problem"]["orders"][0]["lines"]}
        for line, _, pieces in got:
            totals[line] += pieces
        assert totals == expected["allocated_total"]
    assert {line["line"]: line["qty"] for line in decision["open"]} == expected["open"]
