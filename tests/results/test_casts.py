"""A cast is a declared type: the same values, the same errors, and the same row, whatever the type."""

from typing import Any

import pytest

from sync.errors import PermanentError
from sync.snowflake.types import Kind, parse_declared
from tests.results.conftest import Executions, column_rule

pytestmark = pytest.mark.usefixtures("path")

TYPES = [
    "text", "int", "decimal(10,2)", "decimal", "float", "boolean", "date", "time", "timestamp", "timestamptz",
    "timestamp[ns, Europe/Berlin]", "json",
]  # fmt: skip
VALUES = [
    "null", '""', '"x"', '"1"', '"+01.50"', '"1e2"', "1.50", f"{10**38}", "1e400", '"NaN"', '"yes"', "true", '"10:20"',
    '"10:20:30.123456789"', '"2024-02-29"', '"2023-02-29"', '"2024-02-29T10:20:30Z"', '"2024-02-29 10:20:30+02:00"',
    '{"a": 1.50}', f"[{10**38}]",
]  # fmt: skip


def outcome(executions: Executions, declared: str, value: str, *rules: dict[str, Any]) -> tuple[Any, ...]:
    """The column and its lines, or the error without what is said of the rule."""
    rows = f'[{{"c": null}}, {{"c": {value}}}]'
    try:
        return executions.shape([{"name": "c", "type": declared}], rows, *rules)
    except PermanentError as error:
        return error.code, error.happened.removesuffix("; the rule 'rule 1' casts it")


def test_all_types_are_tried() -> None:
    assert {parse_declared(one).kind for one in TYPES} == set(Kind)


@pytest.mark.parametrize("to", TYPES)
@pytest.mark.parametrize("declared", ["text", "int", "json"])
def test_a_cast_makes_of_values_what_a_declared_type_does(executions: Executions, declared: str, to: str) -> None:
    cast = column_rule("cast", "c", type=to)
    for value in VALUES:
        by_rule, by_type = outcome(executions, declared, value, cast), outcome(executions, to, value)
        assert by_rule == by_type, value
        if by_rule[0] == "value_does_not_fit":
            assert "row 2" in by_rule[1], value
