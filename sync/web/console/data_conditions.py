"""Comparisons of columns, as a form shows and sends them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from sync.operations import flat
from sync.reporting import SeenColumn
from sync.rules import RulesError, from_text
from sync.snowflake.types import Kind, parse_declared
from sync.web.console.rule_drafts import Document

OPERATORS = {
    "eq": "=",
    "ne": "≠",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    "in": "is one of (a, b)",
    "like": "is like (a*)",
    "between": "is between (a, b)",
    "null": "has no value",
    "not_null": "has a value",
}


class ConditionLine(NamedTuple):
    """A comparison as a form shows it."""

    column: str = ""
    operator: str = "eq"
    value: str = ""


def condition_lines(rule: Document | None) -> Iterator[ConditionLine]:
    """Those of a rule on rows that is flat; None: there are none."""
    for one in (flat(rule["where"]) or ("all", []))[1] if rule else ():
        operator, value = one["operator"], one.get("value", "")
        if operator == "null":
            yield ConditionLine(one["column"], "null" if one.get("value", True) else "not_null")
        else:
            said = ", ".join(map(_plain, value)) if isinstance(value, list) else _plain(value)
            yield ConditionLine(one["column"], operator, said)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else str(value).lower()


def condition_of(line: ConditionLine, columns: Sequence[SeenColumn]) -> Document:
    """As a rule says it. Values are texts, which are compared as the column is declared; of JSON, as JSON."""
    match line.operator:
        case "null":
            return {"column": line.column, "operator": "null"}
        case "not_null":
            return {"column": line.column, "operator": "null", "value": False}
        case "in" | "between":
            given = [_value(columns, line.column, part.strip()) for part in line.value.split(",")]
            return {"column": line.column, "operator": line.operator, "value": given}
    operator = line.operator if line.operator in OPERATORS else "eq"
    value = line.value if operator == "like" else _value(columns, line.column, line.value)
    return {"column": line.column, "operator": operator, "value": value}


def _value(columns: Sequence[SeenColumn], column: str, text: str) -> Any:
    declared = next((one.type for one in columns if one.key == column), None)
    with suppress(ValueError, RulesError):
        if declared and parse_declared(declared).kind is Kind.VARIANT:
            found = from_text(text)
            return found if isinstance(found, str | int | float) else text
    return text
