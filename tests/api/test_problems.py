"""What no view of ours answers is a problem document too: wrong methods, unknown addresses, unreadable bodies."""

import pytest
from django.test import Client, override_settings
from tests.api.test_api import order

from paidan.api.problems import pointer_of


def problem(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    assert found["detail"]
    assert found["remedy"], found
    return found


def test_a_wrong_method_says_which_are_possible(seller):
    program = seller.program()
    answer = program.client.delete("/api/v1/orders")
    assert problem(answer, 405)["code"] == "method_not_allowed"
    assert {word.strip() for word in answer["Allow"].split(",")} == {"GET", "POST"}
    assert problem(Client().put("/api/v1/orders/1"), 405), "also to who is not signed in"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/orders/x/y", "/api/v2/orders", "/api/v1/orders/"])
def test_an_unknown_address_is_a_problem_document(seller, path):
    assert problem(seller.program().client.get(path), 404)["code"] == "no_such_address"


@pytest.mark.parametrize("body", ["{", "[1,", "nul", b"\xff\xfe", "[" * 100_000])
def test_a_body_that_is_no_json_says_so(seller, body):
    answer = seller.program().client.post("/api/v1/orders", body, content_type="application/json")
    assert problem(answer, 400)["code"] == "unreadable_json"


def test_where_json_breaks_off_is_said(seller):
    answer = seller.program().client.post("/api/v1/stock/adjust", '{\n "sku": "A",\n}', content_type="application/json")
    assert "line 3" in problem(answer, 400)["detail"] or "line 2" in answer.json()["detail"]


def test_another_type_of_body_is_415(seller):
    answer = seller.program().client.post("/api/v1/orders", "<orders/>", content_type="application/xml")
    assert (problem(answer, 415)["code"], answer.json()["pointer"]) == ("not_json", "Content-Type")


def test_a_body_that_is_too_large_is_413(seller):
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=50):
        program = seller.program()
        assert problem(program.post("/orders", {"orders": [order()]}), 413)["code"] == "too_large"
        keyed = program.client.post(
            "/api/v1/orders", {"orders": [order()]}, content_type="application/json", headers={"Idempotency-Key": "k"}
        )
        assert problem(keyed, 413)


def test_too_many_requests_say_how_long_to_wait(seller, settings):
    settings.API_CALLS_PER_MINUTE = 1
    program = seller.program()
    answers = [program.get("/rules") for _ in range(3)]
    assert problem(answers[-1], 429)["code"] == "too_many_requests"
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_failure_of_ours_is_a_problem_document(seller, monkeypatch):
    def fails(*_arguments, **_named):
        raise ZeroDivisionError

    program = seller.program()
    program.client.raise_request_exception = False
    monkeypatch.setattr("paidan.api.rules.published_version", fails)
    assert problem(program.get("/rules"), 500)["code"] == "failed"


def test_a_host_that_is_not_ours_is_refused_politely():
    assert problem(Client(headers={"Host": "evil.example"}).get("/api/v1/orders"), 400)


def test_sentences_are_in_the_callers_language_and_codes_never_change(seller):
    program = seller.program()
    program.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    wrong = problem(program.post("/orders", {"orders": [{**order(), "colour": 1, "lines": []}]}), 422)
    assert {(one["pointer"], one["code"]) for one in wrong["errors"]} == {
        ("/orders/0/colour", "extra_forbidden"),
        ("/orders/0/lines", "too_short"),
    }
    assert not any(one["detail"].isascii() for one in wrong["errors"])
    unknown = problem(program.client.get("/api/v1/nothing"), 404)
    assert not unknown["remedy"].isascii()
    assert not problem(program.client.delete("/api/v1/orders"), 405)["detail"].isascii()


def test_a_field_stands_among_the_errors_however_it_was_found(seller):
    found = problem(seller.program().post("/ratios", {"ratios": {"a/b~c": 100}}, method="put"), 422)
    assert found["pointer"] == "/ratios/a~1b~0c"
    assert [one["pointer"] for one in found["errors"]] == ["/ratios/a~1b~0c"]
    assert pointer_of(("body", "body", "ratios", "a/b~c")) == "/ratios/a~1b~0c"


def test_pages_keep_their_own_answers(client):
    assert "json" not in client.get("/nothing-here/")["Content-Type"]
