"""The examples of the schema are what the API takes and answers."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from sync.errors import CATALOGUE
from sync.operations import NEW_KEY
from sync.web.api.openapi import examples
from tests.web.api.conforming import COMMITTED

SCHEMA = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
OPERATIONS = {found["operationId"]: found for path in SCHEMA["paths"].values() for found in path.values()}
EXAMPLES = [
    (operation, for_what, name, value)
    for operation, those in examples().items()
    for for_what, named in those.items()
    for name, value in named.items()
]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for each in inner:
        yield from _objects(each)


@pytest.mark.parametrize(
    ("operation", "for_what", "name", "value"), EXAMPLES, ids=[f"{one[0]}-{one[2]}" for one in EXAMPLES]
)
def test_an_example_is_what_the_schema_says(operation: str, for_what: str | int, name: str, value: Any) -> None:
    about = OPERATIONS[operation]
    body = about["requestBody"] if for_what == "request" else about["responses"][str(for_what)]
    schema = body["content"]["application/json"]["schema"]
    shown = value if schema.get("type") != "array" else [value]
    # Nothing may be in it that the schema does not have.
    components = {
        each: {"additionalProperties": False, **said} if "properties" in said else said
        for each, said in SCHEMA["components"]["schemas"].items()
    }
    validator = Draft202012Validator({**schema, "components": {"schemas": components}})
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(shown)] == []
    assert name in {each.get("summary", key) for key, each in body["content"]["application/json"]["examples"].items()}


def test_what_examples_quote_is_what_is_said() -> None:
    quoted = [(each.get("error_code") or each.get("code"), each) for *_, value in EXAMPLES for each in _objects(value)]
    remedies = [(code, each["what_to_do"]) for code, each in quoted if code in CATALOGUE and "what_to_do" in each]
    assert len(remedies) > 5
    assert all(said == CATALOGUE[code].remedy for code, said in remedies)
    assert NEW_KEY in examples()["rotate_hash_key"][200]["A new version of the same rules"]["message"]
