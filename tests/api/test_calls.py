"""How often, once only, and only as it was seen: rate limits, Idempotency-Key, ETag and If-Match."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from tests.api.test_api import order

from paidan.api.models import Answered, CallCount
from paidan.api.once import KEPT, LEASE, forget_answers
from paidan.api.rates import forget_counts
from paidan.orders.models import Order


def keyed(program, body, key="k", path="/orders"):
    headers = {"Idempotency-Key": key}
    return program.client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def test_the_same_request_with_the_same_key_is_done_once_and_answered_again(seller):
    program = seller.program()
    first = keyed(program, {"orders": [order()]})
    again = keyed(program, {"orders": [order()]})
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json(), "created, not unchanged: it is the first answer"
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first


def test_errors_are_answered_again_too(seller):
    program = seller.program()
    body = {"orders": []}
    assert keyed(program, body).json() == keyed(program, body).json()
    assert keyed(program, body)["Content-Type"] == "application/problem+json"


def test_a_key_used_for_something_else_is_refused(seller):
    program = seller.program()
    keyed(program, {"orders": [order()]})
    for answer in (keyed(program, {"orders": [order("2")]}), keyed(program, {"orders": [1]}, path="/orders/release")):
        assert (answer.status_code, answer.json()["code"]) == (409, "key_reused")
    assert keyed(seller.program(), {"orders": [order("3")]}).status_code == 200, "another token's keys are its own"
    assert keyed(program, {"orders": [order("4")]}, key="x" * 201).json()["code"] == "bad_key"
    assert not Order.objects.filter(number__in=["2", "4"]).exists()


def test_a_key_in_use_says_so_until_its_worker_is_given_up(seller):
    program, body = seller.program(), {"orders": [order()]}
    keyed(program, body)
    Answered.objects.update(status=0, body="")
    assert keyed(program, body).json()["code"] == "in_flight"
    Answered.objects.update(asked_at=timezone.now() - LEASE - timedelta(seconds=1))
    assert keyed(program, body).json()["unchanged"] == 1


def test_after_a_day_a_key_is_new(seller):
    program = seller.program()
    keyed(program, {"orders": [order()]})
    Answered.objects.update(asked_at=timezone.now() - KEPT - timedelta(seconds=1))
    assert keyed(program, {"orders": [order("2")]}).json()["created"] == 1
    Answered.objects.update(asked_at=timezone.now() - KEPT - timedelta(seconds=1))
    assert forget_answers(timezone.now()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_with_one_key_one_does_the_work(seller):
    program, together, said = seller.program(), Barrier(4), {"sku": "A", "warehouse": "gz", "delta": 5}

    def call(_number):
        try:
            together.wait()
            return keyed(program, said, path="/stock/adjust").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(call, range(4)))
    assert set(codes) <= {200, 409}
    assert keyed(program, said, path="/stock/adjust").status_code == 200
    assert program.get("/stock", sku="A", warehouse="gz").json()["items"][0]["on_hand"] == 105


def test_a_token_is_told_its_limit_and_stopped_beyond_it(seller, settings):
    settings.API_CALLS_PER_MINUTE = 3
    program = seller.program()
    answers = [program.get("/shops") for _ in range(4)]
    if answers[-1].status_code == 200:  # the minute ended in between
        answers = [program.get("/shops") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    stopped = answers[-1]
    assert stopped["RateLimit-Limit"] == "3"
    assert 0 < int(stopped["Retry-After"]) <= 60
    assert stopped["Retry-After"] == stopped["RateLimit-Reset"]
    assert stopped.json()["code"] == "too_many_requests"
    assert seller.program().get("/shops").status_code == 200, "each token for itself"


def test_without_a_limit_nothing_is_counted_and_old_minutes_are_forgotten(seller, settings):
    program = seller.program()
    program.get("/shops")
    assert forget_counts(timezone.now() + timedelta(hours=1)) == 1
    settings.API_CALLS_PER_MINUTE = 0
    assert "RateLimit-Limit" not in program.get("/shops")
    assert not CallCount.objects.exists()


def test_an_order_and_an_allocation_are_changed_only_as_they_were_seen(seller):
    program = seller.program()
    pushed = program.post("/orders", {"orders": [order(), order("2")]}, query="?allocate=true").json()["orders"]
    key, other = pushed[0]["id"], pushed[1]["id"]
    seen = program.get(f"/orders/{key}")["ETag"]
    [part] = program.get("/allocations", order=key).json()["items"]
    seen_part = program.get(f"/allocations/{part['id']}")["ETag"]
    program.post("/allocations/accept", {"allocations": [part["id"]]})

    def matching(path, body, tag):
        return program.client.post(f"/api/v1{path}", body, content_type="application/json", headers={"If-Match": tag})

    stale = matching("/allocations/pick", {"allocations": [part["id"]]}, seen_part)
    assert (stale.status_code, stale.json()["code"]) == (412, "changed_meanwhile")
    fresh = program.get(f"/allocations/{part['id']}")["ETag"]
    assert matching("/allocations/pick", {"allocations": [part["id"]]}, fresh).json()["done"] == [part["id"]]
    assert matching("/orders/hold", {"orders": [key]}, seen).json()["done"] == [key], "the order itself is as it was"
    assert matching("/orders/release", {"orders": [key]}, seen).status_code == 412
    assert matching("/orders/release", {"orders": [key, other]}, seen).json()["code"] == "one_at_a_time"
    assert matching("/orders/release", {"orders": [key]}, "*").json()["done"] == [key]
    assert matching("/orders/hold", {"orders": [10**9]}, seen).status_code == 404
