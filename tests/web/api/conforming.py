"""Whether an operation answers as the schema says, whatever it is sent.

SCHEMA_EXAMPLES asks for more examples an operation than `make test` has time for, and other ones each time.
"""

import os
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
import yaml
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis import GenerationMode, checks
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi import checks as openapi_checks

from tests.web.api.conftest import Caller

COMMITTED = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "0"))
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]


def operations(prefix: str) -> list[tuple[str, str]]:
    """Method and path of each whose path begins so."""
    paths = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods if path.startswith(prefix)]


@cache
def _served() -> Any:
    """The schema as it is served: making it takes a second."""
    return schemathesis.openapi.from_wsgi("/api/schema", get_wsgi_application())


def _documented(operation: Any, known: dict[str, str]) -> Any:
    """A question with the first example that the schema has of its body, and nothing that may be left out."""
    content = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = [documented["value"] for documented in content.get("examples", {}).values()]
    body = {name: known.get(name, value) for name, value in examples[0].items()} if examples else NOT_SET
    paths = {parameter.name: known[parameter.name] for parameter in operation.path_parameters}
    return operation.Case(path_parameters=paths, body=body, media_type=content and "application/json")


def ask_anything(
    settings: Settings, operation: tuple[str, str], known: dict[str, str], callers: Sequence[Caller], *, examples: int
) -> Counter[int]:
    """How often it answered with which status. Half of the questions are about what is `known`, callers take turns.

    First each sends the documented example, about what is known. Every tenth meets a throttle that lets one a day pass.
    """
    method, path = operation
    asked = _served()[path][method]
    strategies = [asked.as_strategy(generation_mode=mode) for mode in GenerationMode]
    seen: Counter[int] = Counter()
    numbers = count()

    @given(case=st.one_of(*strategies))
    @hypothesis.settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def asks(case: schemathesis.Case[Any]) -> None:
        number = next(numbers)
        settings.API_RATES = (
            {} if number % 10 else {"retry": "1/day", "backfill": "1/day", "check": "1/day", "configure": "1/day"}
        )
        if number % 2:
            case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
        caller = callers[number % len(callers)]
        headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        seen[answer.status_code] += 1

    for _ in callers:
        asks = example(case=_documented(asked, known))(asks)
    asks()
    return seen
