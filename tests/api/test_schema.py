"""Schemathesis over the whole description: no crash, no answer that is not described."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from paidan.config.wsgi import application

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def described_api(db):  # noqa: ARG001 - it answers from the database
    """The application itself; its requests share this test's connection, so they must not close it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


PARTS = 4
"""So that several processes share the work."""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_operation_answers_as_described(described_api, seller, part):
    headers = {"Authorization": f"Bearer {seller.program().secret}"}
    operations = [found.ok() for found in described_api.get_all_operations()]
    assert len(operations) > 80
    for operation in operations[part::PARTS]:
        looks_right(operation, headers)


def looks_right(operation, headers):
    """Some requests the description allows, and some it does not."""

    @settings(
        max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None
    )
    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    )
    def run(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    run()
