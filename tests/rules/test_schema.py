"""The JSON Schema of rules accepts and refuses what the program does."""

from typing import Any

from hypothesis import example, given, settings
from jsonschema import Draft202012Validator

from sync.rules import RulesError, documents, read_rules, schema
from tests.rules import made

SCHEMA = Draft202012Validator(schema())
# What no schema can say, or jsonschema reads otherwise than others: 4.0 is no integer here, and $ is the very end.
ONLY_HERE = ("has the same name", "is declared", "5 deep", "should be a valid integer", "may not stand there")

often = settings(max_examples=100, deadline=None)


def refused(given_: Any) -> str:
    """What the program says of it; nothing if it takes it."""
    try:
        read_rules(given_)
    except RulesError as error:
        return str(error)
    return ""


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@often
@given(made.documents)
def test_what_is_right_is_right_for_both(given_: made.Documents) -> None:
    assert refused(given_) == ""
    assert list(SCHEMA.iter_errors(given_)) == []
    assert list(SCHEMA.iter_errors(documents(read_rules(given_)))) == []


@often
@given(made.spoilt())
@example([{"name": "a", "kind": "add", "column": "b", "constant": None, "fact": "workflow_id"}])
@example([{"name": "a", "kind": "add", "column": "b", "constant": 1, "fact": "workflow_id"}])
@example([{"name": "a", "kind": "add", "column": "b", "fact": "workflow_id", "type": "text"}])
@example([{"name": "a", "kind": "column", "action": "rename", "columns": ["b", "c"], "to": "d"}])
@example([{"name": "a", "kind": "column", "action": "rename", "columns": ["b*"], "to": "d"}])
@example([{"name": "a", "kind": "column", "action": "null", "columns": ["\0"]}])
@example({"name": "a"})
def test_what_is_spoilt_is_refused_by_both_or_by_neither(given_: Any) -> None:
    said = refused(given_)
    if SCHEMA.is_valid(given_):
        assert all(any(known in one for known in ONLY_HERE) for one in said.split("; ") if one)
    else:
        assert said
