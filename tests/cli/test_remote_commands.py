"""The command line on a server elsewhere: the same words, over the API, without Django on this side."""

import json
import subprocess
import sys

import pytest
import typer
from tests.builders import GUANGZHOU, NOW, make_shop, make_stock, make_team, make_warehouse

from paidan.accounts.capabilities import Role
from paidan.accounts.models import User
from paidan.accounts.token_scopes import TokenScope
from paidan.accounts.tokens import add_token
from paidan.cli.remote.tree import remote_app
from paidan.rules.services import publish_rules


@pytest.fixture
def elsewhere(live_server, paidan, tmp_path):
    """`paidan --server … --token …` against a running server with a small seller."""
    place = make_warehouse("gz", name="Guangzhou", **GUANGZHOU)
    make_team("t1", place)
    make_stock(place, "A", 100)
    make_shop("jd")
    publish_rules([], now=NOW)
    owner = User.objects.create(username="erp", role=Role.ADMINISTRATOR)
    secret = add_token("t", owner=owner, scopes=list(TokenScope), now=NOW, by=None)[1]

    def command(*arguments):
        return paidan("--server", live_server.url, f"--token={secret}", *arguments)

    def file(document):
        (tmp_path / "said.json").write_text(json.dumps(document), encoding="utf-8")
        return tmp_path / "said.json"

    command.file = file
    return command


def test_orders_are_pushed_allocated_listed_and_explained(elsewhere):
    orders = [{"shop": "jd", "number": str(at), "lines": [{"sku": "A", "qty": 1}]} for at in range(2)]
    pushed = elsewhere("order", "push", elsewhere.file(orders))
    assert (pushed.code, pushed.err.strip()) == (0, "2 new, 0 changed, 0 as before, 0 rejected.")
    assert elsewhere("allocate", "--json").json["wave"]["statistics"]["allocated"] == 2
    listed = elsewhere("order", "list", "--state", "allocated", "--json").json
    assert [(row["number"], row["warehouses"]) for row in listed] == [("0", ["gz"]), ("1", ["gz"])]
    assert "gz" in elsewhere("order", "list").out
    assert elsewhere("explain", "jd/0", "--json").json["candidates"]
    assert "gz" in elsewhere("explain", "0").out
    assert elsewhere("explain", "7").code == 2
    bad = elsewhere("order", "push", elsewhere.file([{**orders[0], "number": "9", "shop": "x"}]))
    assert bad.code == 1
    assert "x/9" in bad.out


def test_stock_is_set_and_listed_and_a_warehouse_paused(elsewhere):
    assert elsewhere("stock", "set", "A", "gz", "7", "--safety", "2").code == 0
    assert [row["available"] for row in elsewhere("stock", "list", "--sku", "A", "--json").json] == [5]
    assert elsewhere("warehouse", "pause", "gz").err.strip() == "Guangzhou is paused."
    assert elsewhere("warehouse", "list", "--json").json[0]["open"] is False
    assert elsewhere("warehouse", "resume", "gz").code == 0
    assert elsewhere("stock", "set", "Z", "gz", "7").code == 2


def test_rules_are_shown_judged_compared_published_and_rolled_back(elsewhere):
    document = elsewhere("rules", "show", "--json").json
    file = elsewhere.file(document)
    assert elsewhere("rules", "check", file).code == 0
    assert elsewhere("rules", "diff", file).code == 0
    changed = {**document, "rules": [{**document["rules"][0], "then": {"strategies": ["cheapest"]}}]}
    file = elsewhere.file(changed)
    assert elsewhere("rules", "diff", file).code == 1
    published = elsewhere("rules", "publish", file, "--based-on", "1", "--json")
    assert (published.code, published.json["version"]) == (0, 2)
    assert elsewhere("rules", "publish", file, "--based-on", "1").code == 1, "another version is in force meanwhile"
    assert elsewhere("rules", "rollback").err.startswith("Version 3 is in force")


def test_what_works_only_beside_the_database_says_so(paidan, monkeypatch):
    monkeypatch.setenv("PAIDAN_SERVER", "http://127.0.0.1:9")
    answer = paidan("doctor")
    assert answer.code == 2
    assert "beside the database" in answer.err
    assert paidan("order", "list").err.startswith("A token is missing")
    monkeypatch.setenv("PAIDAN_TOKEN", "x")
    assert paidan("--server", "example.com", "order", "list").code == 2
    assert "rules" in paidan("--help").out


def test_on_this_side_neither_django_nor_the_engine_is_loaded():
    program = (
        "import sys; from paidan.cli.main import run; "
        "run(['--server=http://127.0.0.1:9', '--token=x', 'order', 'push', '/dev/null']); "
        "sys.exit(bool({'django', 'numpy', 'polars'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0


def test_every_remote_command_and_parameter_is_explained():
    def all_of(command):
        for inner in getattr(command, "commands", {}).values():
            yield inner
            yield from all_of(inner)

    for command in all_of(typer.main.get_command(remote_app)):
        assert command.help
        assert all(getattr(param, "hidden", False) or param.help for param in command.params), command.name


def push(elsewhere, number):
    orders = [{"shop": "jd", "number": str(at), "lines": [{"sku": "A", "qty": 1}]} for at in range(number)]
    elsewhere("order", "push", elsewhere.file(orders), "--allocate")


def test_a_teams_day_is_worked_on_a_server(elsewhere):
    push(elsewhere, 2)
    for verb, said in (("accept", "accepted"), ("pick", "picked"), ("pack", "packed")):
        answer = elsewhere(verb, "0", "jd/1")
        assert (answer.code, answer.err.strip()) == (0, f"2 allocations {said}.")
    again = elsewhere("accept", "0", "--json")
    assert (again.code, again.json["refused"][0]["code"]) == (1, "wrong_state")
    both = elsewhere("ship", "0", "1", "--tracking", "SF1")
    assert (both.code, "2 parcels" in both.err) == (2, True)
    assert elsewhere("ship", "0", "--tracking", "SF1").err.strip() == "1 allocation shipped."
    assert elsewhere("ship", "0", "--tracking", "SF1").code == 1, "nothing live is left of it"
    assert elsewhere("hand-back", "1").code == 1
    assert elsewhere("accept", "#999999").code == 2


def test_orders_are_held_released_cancelled_and_moved_on_a_server(elsewhere):
    other = make_warehouse("bj", name="Beijing")
    make_team("t2", other)
    make_stock(other, "A", 5)
    push(elsewhere, 2)
    assert elsewhere("hold", "0", "--reason", "asks", "--until", "2030-01-01").err.strip() == "1 order held."
    assert elsewhere("release", "0").err.strip() == "1 order released."
    moved = elsewhere("reassign", "0", "--to", "bj", "--reason", "full")
    assert (moved.code, moved.err.strip()) == (0, "1 moved.")
    assert elsewhere("reassign", "1", "--team", "t2").code == 0, "a team's own warehouse"
    assert elsewhere("reassign", "1").code == 2
    assert elsewhere("order", "list", "--json").json[0]["warehouses"] == ["bj"]
    elsewhere("stock", "set", "A", "gz", "0")
    large = [{"shop": "jd", "number": "9", "lines": [{"sku": "A", "qty": 50}]}]
    elsewhere("order", "push", elsewhere.file(large), "--allocate")
    assert elsewhere("reassign", "9", "--to", "bj").code == 1
    assert elsewhere("reassign", "9", "--to", "bj", "--partial").code == 0
    assert elsewhere("cancel", "0", "--reason", "asked", "--json").json["done"] == ["0"]


def test_a_server_reports(elsewhere):
    push(elsewhere, 2)
    found = elsewhere("report", "--json").json
    assert (found["received"], found["allocated"], found["places"][0]["warehouse"]) == (2, 2, "gz")
    assert "2 orders; 2 allocated" in elsewhere("report").out
    cut = elsewhere("report", "--by", "shop", "--json").json
    assert [(row["key"], row["figures"]["parcels"]) for row in cut["rows"]] == [("jd", 2)]
    assert "jd" in elsewhere("report", "--by", "shop").out
    assert elsewhere("report", "--by", "shop", "--csv").out.startswith("key,name,received")
    assert elsewhere("report", "--csv").out.splitlines()[1].endswith("gz,t1,,")
    assert elsewhere("report", "--by", "colour").code == 2


def test_a_rebalance_is_shown_and_made(elsewhere):
    orders = [{"shop": "jd", "number": "1", "lines": [{"sku": "A", "qty": 1}]}]
    elsewhere("order", "push", elsewhere.file(orders))
    elsewhere("allocate")
    make_stock(make_warehouse("bj"), "A", 100)
    elsewhere("warehouse", "pause", "gz")
    shown = elsewhere("rebalance", "--seconds", "1")
    assert (shown.code, "its warehouse is paused" in shown.out) == (0, True)
    assert elsewhere("rebalance", "--seconds", "1", "--apply", "--json").json["applied"]["done"] == 1
    assert elsewhere("rebalance", "--warehouse", "nowhere").code == 2
