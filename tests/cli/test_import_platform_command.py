import json

import pytest
from tests.builders import make_shop, make_sku
from tests.orders.platforms.samples import sample

from paidan.orders.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    make_shop("corner")
    for code in ("A", "B", "A-RED"):
        make_sku(code)
    good, bad = sample("taobao"), sample("taobao")
    trade = bad["trade_fullinfo_get_response"]["trade"]
    trade["tid"], trade["orders"]["order"][0]["num"] = 7, -1
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([good, bad], ensure_ascii=False), encoding="utf-8")
    return path


def test_a_platforms_file_comes_in_and_what_is_wrong_is_said(paidan, file):
    answer = paidan("import", "order", file, "--platform", "taobao", "--shop", "corner", "--json")
    assert answer.code == 1
    assert (answer.json["created"], answer.json["rejected"]) == (1, 1)
    error = answer.json["errors"][0]
    assert (error["order"], error["place"]) == ("7", "qty")
    assert error["remedy"]
    assert Order.objects.count() == 1
    again = paidan("import", "order", file, "--platform", "taobao", "--shop", "corner")
    assert "1 as they were" in again.err
    assert "qty" in again.out


def test_a_dry_run_stores_nothing(paidan, file):
    answer = paidan("import", "order", file, "--platform", "taobao", "--shop", "corner", "--dry-run")
    assert "nothing was stored" in answer.err
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--platform", "taobao"], 2, "--shop"),
        (["--platform", "ebay", "--shop", "corner"], 1, "taobao, jd, pdd"),
        (["--platform", "taobao", "--shop", "nowhere"], 1, "nowhere"),
        (["--platform", "jd", "--shop", "corner"], 1, "JD"),
    ],
)
def test_wrong_use_says_what_to_do(paidan, file, arguments, code, said):
    answer = paidan("import", "order", file, *arguments)
    assert answer.code == code
    assert said in answer.err
