"""The schema: the committed one is what the API is, and the API is what it says.

SCHEMA_EXAMPLES asks for more examples an operation than `make test` has time for, and other ones each time.
"""

import os
from collections import Counter
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
import yaml
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from tests.api.conftest import Caller, Owned

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "0"))
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]


def test_the_committed_schema_is_the_one_that_the_code_makes() -> None:
    made = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=made)
    assert made.getvalue() == COMMITTED.read_text(encoding="utf-8"), (
        "The API is another than docs/openapi.yaml says. If that is what you want: make schema"
    )


@pytest.mark.django_db
def test_everyone_gets_the_schema_as_yaml_or_json() -> None:
    assert Client().get("/api/schema").content.decode().startswith("openapi: 3.1")
    as_json = Client(headers={"Accept": "application/json"}).get("/api/schema")
    assert as_json.json()["info"]["title"] == "Universal Snowflake Sync"
    assert "http://" not in as_json.content.decode()


@pytest.mark.django_db
def test_every_operation_has_an_example_and_its_problems() -> None:
    schema = Client(headers={"Accept": "application/json"}).get("/api/schema").json()
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if "/snowflake-sync/" not in path:
                continue
            assert "examples" in operation["responses"]["200"]["content"]["application/json"], path
            assert {"401", "503"} <= set(operation["responses"]), path
            for status, response in operation["responses"].items():
                kinds = set(response["content"])
                assert kinds == {"application/json" if status == "200" else "application/problem+json"}, path


def operations() -> list[tuple[str, str]]:
    """Method and path of each."""
    paths = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods if "/snowflake-sync/" in path]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "path"), operations())
def test_no_answer_is_a_5xx_or_undocumented(
    ada: Owned, staff: Caller, settings: Settings, method: str, path: str
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/schema", get_wsgi_application())
    known = {"sync_id": str(ada.item.pk), "execution_id": ada.execution.execution_id}
    seen: Counter[int] = Counter()
    numbers = count()

    operation = schema[path][method]

    @given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)))
    @hypothesis.settings(
        max_examples=EXAMPLES or 40,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def asks(case: schemathesis.Case[Any]) -> None:
        number = next(numbers)
        settings.API_RATES = {} if number % 10 else {"retry": "1/day", "backfill": "1/day"}
        if number % 2:
            case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
        caller = (ada.caller, staff, ada.caller, Caller())[number % 4]
        headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        seen[answer.status_code] += 1

    asks()
    # Of both kinds, or nothing was tried.
    assert seen[200]
    assert seen[401]
