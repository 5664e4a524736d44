"""What is answered is documented: every method, every code, every number of a platform or carrier."""

from pathlib import Path

import pytest

from paidan.api.compat import errors, methods, qimen_methods, registries

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "how-to" / "wdt.md").read_text(encoding="utf-8")
CODES = [value for name, value in vars(errors).items() if name.isupper()]


@pytest.mark.parametrize("method", methods.METHODS)
def test_every_method_of_the_open_api_is_documented(method):
    assert method in TEXT or method.removesuffix("_ack") + "_query`, `…_ack`" in TEXT


@pytest.mark.parametrize("method", qimen_methods.METHODS)
def test_every_method_of_the_gateway_is_documented(method):
    last = method.rpartition(".")[2]
    assert method in TEXT or f"….{last}`" in TEXT


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_documented(code):
    assert f"| {code} |" in TEXT


@pytest.mark.parametrize("status", registries.TRADE_STATUSES)
def test_every_state_is_documented(status):
    assert f"| {status} " in TEXT


@pytest.mark.parametrize(
    ("word", "number"), [("Tmall", 1), ("拼多多", 39), ("抖店", 69), ("小红书", 56), ("shopify", 127), ("", 127)]
)
def test_a_platform_is_known_by_any_of_its_words(word, number):
    assert registries.platform_id(word) == number
    assert f"| {number} |" in TEXT


@pytest.mark.parametrize(
    ("word", "number", "name"), [("SF", 8, "顺丰速运"), ("圆通", 4, "圆通速递"), ("Dhl", 0, "Dhl"), ("", 0, "")]
)
def test_a_carrier_is_known_by_any_of_its_words(word, number, name):
    assert (registries.carrier_type(word), registries.carrier_name(word)) == (number, name)
    assert registries.carrier_code(8) == "sf"
