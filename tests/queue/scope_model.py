"""Scope rules in plain Python: what SQL decides is held against it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sync.rules import ScopeRule, matches, steps

MISSING: Any = object()
_INDEX = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+", re.ASCII)


@dataclass(frozen=True)
class Known:
    """What is known of an execution."""

    execution_id: str
    workflow: str
    parameters: Any = None
    total_rows: int | None = None
    rows: Any = MISSING
    completed_at: datetime | None = None


def says(rules: Sequence[ScopeRule], known: Known, now: datetime) -> str | None:
    """The sentence on an execution that is excluded."""
    for rule in rules:
        if matches(rule.workflow, known.workflow) and all(_holds(condition, known, now) for condition in rule.when):
            return f'Rule "{rule.name}" excludes it.' if rule.action == "exclude" else None
    only_these = any(rule.action == "include" for rule in rules)
    return "Only what a rule includes goes there, and none includes it." if only_these else None


def _holds(condition: Any, known: Known, now: datetime) -> bool:
    found, wanted = _found(condition, known, now), condition.value
    ways: dict[str, Callable[[], bool]] = {
        "exists": lambda: (found is not MISSING) == wanted,
        "eq": lambda: _same(found, wanted),
        "ne": lambda: not _same(found, wanted),
        "in": lambda: any(_same(found, each) for each in wanted),
        "like": lambda: isinstance(found, str) and matches(wanted, found),
    }
    return ways.get(condition.operator, lambda: _is_so(condition.operator, found, wanted))()


def _is_so(operator: str, found: Any, wanted: Any) -> bool:
    if _type(found) != _type(wanted):
        return False
    one, other = _ordered(found), _ordered(wanted)
    return bool({"lt": one < other, "le": one <= other, "gt": one > other, "ge": one >= other}[operator])


def _found(condition: Any, known: Known, now: datetime) -> Any:
    if hasattr(condition, "parameter"):
        found = known.parameters
        for step in steps(condition.parameter):
            found = _step(found, step)
        return found
    match condition.field:
        case "execution":
            return known.execution_id
        case "rows":
            if known.total_rows is not None:
                return known.total_rows
            return len(known.rows) if isinstance(known.rows, list) else MISSING
    if known.completed_at is None:
        return MISSING
    passed = now - known.completed_at
    return Decimal(passed.days * 86_400_000_000 + passed.seconds * 1_000_000 + passed.microseconds) / 86_400_000_000


def _step(found: Any, step: str) -> Any:
    """A key, or a place in an array, from 0, or from -1 at its end."""
    if isinstance(found, dict):
        return found.get(step, MISSING)
    if isinstance(found, list) and _INDEX.fullmatch(step) and -len(found) <= int(step) < len(found):
        return found[int(step)]
    return MISSING


def _same(one: Any, other: Any) -> bool:
    return _type(one) == _type(other) in ("boolean", "number", "string") and _ordered(one) == _ordered(other)


def _type(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int() | float() | Decimal():
            return "number"
        case str():
            return "string"
    return "another"


def _ordered(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, bool | Decimal) else Decimal(repr(value))
