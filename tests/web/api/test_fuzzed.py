"""What nobody would send, sent to every address of the API: never a fault of the server, always as described."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from typing import Any

import pytest

if importlib.util.find_spec("schemathesis") is None:
    pytest.skip("schemathesis is not installed", allow_module_level=True)

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from appliance.status import TrackStatus
from appliance.store.tokens import Tokens
from tests.web.conftest import RUNNING, Page
from web import Box, create_app, limits
from web.api.box_views import DESCRIPTION

EXAMPLES = 8

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A box with somebody enrolled and an engine that reports; its token, and the application."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "ANYTHING", "1000000 per minute")
        patch.setattr(limits, "UPLOADS", "1000000 per minute")
        box = Box(tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("run"))
        app = create_app(box, b"s" * 32)
        page = Page(app.test_client(), box)
        page.enrol("Anna")
        page.engine_says(replace(RUNNING, run="r1", tracks=(TrackStatus(3, (0, 0, 9, 9), None),)))
        yield Tokens(box.data).make("fuzz", "test"), app


def operations() -> list[tuple[str, str]]:
    """Every address with its methods."""
    paths = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["paths"]
    return [(path, method) for path, methods in paths.items() for method in methods]


@pytest.fixture(scope="module")
def described(token):
    """The API as its description has it."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", token[1])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("path", "method"), operations())
def test_nothing_that_is_sent_is_a_fault_of_the_server(described, token, path, method, mode):
    operation = described[path][method.upper()]
    strategy = operation.as_strategy(generation_mode=mode)

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(strategy)
    def obeys(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token[0]}"}, checks=CHECKS)

    try:
        obeys()
    except Unsatisfiable:
        pytest.skip("nothing can be wrong in what this address is sent")
