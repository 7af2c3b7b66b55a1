"""What each step of a rule makes of values."""

from typing import Any

import pytest

from sync.errors import PermanentError
from tests.results.conftest import Executions, column_rule, hmac_of

pytestmark = pytest.mark.usefixtures("path")

AB = [{"name": "a", "type": "int"}, {"name": "b", "type": "text"}]
JSON = [{"name": "j", "type": "json"}]


def values(executions: Executions, declared: str, given: str, *rules: dict[str, Any]) -> list[Any]:
    """What becomes of a column c with these values, given as JSON text."""
    _, lines = executions.shape([{"name": "c", "type": declared}], f"[{','.join(f'[{v}]' for v in given)}]", *rules)
    return [field for (field,) in lines]


def refusal(executions: Executions, columns: Any, rows: Any, *rules: dict[str, Any]) -> str:
    with pytest.raises(PermanentError) as raised:
        executions.shape(columns, rows, *rules)
    return f"{raised.value.code}: {raised.value.happened}"


def test_nothing_is_done_without_rules(executions: Executions) -> None:
    assert executions.shape(AB, [[1, "x"]]) == (["a NUMBER(38,0)", "b VARCHAR"], [["1", "x"]])


def test_drop(executions: Executions) -> None:
    rows = [{"a": 1, "b": "x"}, {"b": None}]
    assert executions.shape(AB, rows, column_rule("drop", "b")) == (["a NUMBER(38,0)"], [["1"], [None]])


def test_hash(executions: Executions) -> None:
    columns, lines = executions.shape(AB, [[1, "x"], [None, "größe"]], column_rule("hash", "a", "b"))
    assert columns == ["a VARCHAR", "b VARCHAR"]
    assert lines == [[hmac_of("1"), hmac_of("x")], [None, hmac_of("größe")]]
