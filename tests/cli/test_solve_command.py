import json
from pathlib import Path

import pytest

SHANGHAI = {
    "format": "paidan-problem/1",
    "warehouses": [{"id": "gz", "lat": 23.13, "lng": 113.26}, {"id": "bj", "lat": 39.90, "lng": 116.41}],
    "stock": [{"warehouse": code, "sku": "A", "on_hand": 5} for code in ("gz", "bj")],
    "policy": {},
    "orders": [{"id": "o1", "address": "上海市浦东新区世纪大道100号", "lines": [{"id": "1", "sku": "A", "qty": 2}]}],
}


@pytest.fixture
def solve(paidan, tmp_path):
    def run(text: str | bytes, *options: str):
        file = tmp_path / "problem.json"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return paidan("solve", file, *options)

    return run


def test_the_nearer_warehouse_gets_the_order_by_its_address(solve):
    answer = solve(json.dumps(SHANGHAI, ensure_ascii=False))
    assert answer.code == 0
    [order] = answer.json["orders"]
    [allocation] = order["allocations"]
    assert allocation["warehouse"] == "bj"
    assert allocation["distance_m"] == pytest.approx(1_067_000, abs=10_000)


def test_compact_is_one_line(solve):
    assert solve(json.dumps(SHANGHAI), "--compact").out.count("\n") == 1


def test_a_byte_order_mark_is_no_obstacle(solve):
    assert solve(b"\xef\xbb\xbf" + json.dumps(SHANGHAI).encode()).code == 0


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("", "empty", ""),
        ("  \n", "empty", ""),
        ("{", "not_json", ""),
        ('{"now": NaN}', "not_json", ""),
        ('{"now": Infinity}', "not_json", ""),
        ('{"orders": [{"id": 1, "id": 2}]}', "duplicate_key", "/orders/0/id"),
        (b'{"now": "\xff"}', "not_utf8", ""),
        ("[" * 100_000, "not_json", ""),
        ('{"now": ' + "9" * 6_000 + "}", "not_json", ""),
        ("[]", "wrong_type", ""),
    ],
)
def test_what_cannot_be_read_is_refused_with_code_and_place(solve, text, code, path):
    answer = solve(text)
    assert answer.code == 2
    error = answer.json["error"]
    assert (error["code"], error["path"]) == (code, path)
    assert error["message"]


def test_an_unknown_key_is_refused_with_its_path(solve):
    problem = {**SHANGHAI, "orders": [{"id": "o1", "lines": [{"id": "1", "sku": "A", "qyt": 2}]}]}
    answer = solve(json.dumps(problem))
    assert answer.code == 2
    assert answer.json["error"]["path"] == "/orders/0/lines/0/qyt"


def test_the_joint_mode_decides_all_at_once_and_proves_it(solve):
    """One by one the first order takes the near warehouse, which only the second cannot do without."""
    problem = {
        "format": "paidan-problem/1",
        "warehouses": [{"id": "near", "lat": 31.2, "lng": 121.4}, {"id": "far", "lat": 23.1, "lng": 113.3}],
        "stock": [
            {"warehouse": "near", "sku": "A", "on_hand": 1},
            {"warehouse": "far", "sku": "A", "on_hand": 1},
            {"warehouse": "near", "sku": "B", "on_hand": 1},
        ],
        "orders": [
            {"id": "o1", "lat": 31.2, "lng": 121.5, "lines": [{"sku": "A", "qty": 1}]},
            {"id": "o2", "lat": 31.2, "lng": 121.5, "lines": [{"sku": "A", "qty": 1}, {"sku": "B", "qty": 1}]},
        ],
    }
    alone, joint = solve(json.dumps(problem)).json, solve(json.dumps({**problem, "mode": "joint"})).json
    assert [order["state"] for order in alone["orders"]] == ["allocated", "unallocated"]
    assert [order["state"] for order in joint["orders"]] == ["allocated", "allocated"]
    assert [order["allocations"][0]["warehouse"] for order in joint["orders"]] == ["far", "near"]
    stats = joint["stats"]
    assert stats["bound"] == stats["objective"] == stats["freight_minor"] < alone["stats"]["objective"]
    assert (stats["gap"], alone["stats"]["bound"]) == (0.0, None)


def test_a_file_that_is_not_there_is_refused_as_json_too(paidan, tmp_path):
    answer = paidan("solve", tmp_path / "nothing.json")
    assert answer.code == 2
    assert answer.json["error"]["code"] == "no_file"


PEERS = sorted((Path(__file__).parent.parent / "data" / "peers").glob("*.json"))


@pytest.mark.parametrize("file", PEERS, ids=lambda file: file.stem)
def test_every_case_of_the_peers_is_solved_through_the_command(solve, file):
    for case in json.loads(file.read_text(encoding="utf-8"))["cases"]:
        assert solve(json.dumps(case["problem"])).code == 0, case["case"]
