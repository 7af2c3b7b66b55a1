"""What rules make of a result, in plain Python, value by value: the projection is held against it.

Outcomes are lines of values as they
are to be read from the file, or the code of a refusal and the row that it names.
"""

import operator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sync.rules import (
    AddRule,
    All,
    Cast,
    ColumnBetween,
    ColumnCompares,
    ColumnIn,
    ColumnLike,
    ColumnNull,
    ColumnRule,
    Drop,
    Hash,
    KeepOnly,
    Mask,
    Plan,
    Rename,
    Replace,
    SetNull,
    matches,
    steps,
)
from sync.rules import Any as AnyOf
from tests.results.value_model import NUMBERS, Refused, along, as_json, distinct, hashed, masked, read, text


@dataclass(frozen=True)
class Value:
    """A value on its way: of a declared type, as JSON, or, once a step has made text of it, as text."""

    value: Any
    type: str
    is_text: bool = False


def step_of(rule: ColumnRule, value: Value) -> Value:  # noqa: PLR0911 - a table
    match rule:
        case Cast(type=declared):
            return replace(value, type=declared)
        case SetNull():
            return replace(value, value=None, is_text=True)
        case Replace(value=constant):
            return Value(as_json(constant), value.type)
        case Drop() | Hash() | Mask() if rule.path is not None:
            made = {
                "hash": lambda there: hashed(there, "json"),
                "mask": lambda there: masked(there, rule),  # type: ignore[arg-type]
                "drop": None,
            }[rule.action]
            return Value(along(value.value, steps(rule.path), made), value.type)
        case Hash():
            return Value(hashed(value.value, value.type, is_text=value.is_text), "text", is_text=True)
        case Mask():
            return Value(masked(value.value, rule), "text", is_text=True)
    return value


def holds(condition: Any, types: dict[str, str], row: dict[str, Any]) -> bool | None:  # noqa: PLR0911 - a table
    """As SQL has it: None where it is not known."""
    match condition:
        case All(all=inner):
            found = [holds(one, types, row) for one in inner]
            return False if False in found else None if None in found else True
        case AnyOf(any=inner):
            found = [holds(one, types, row) for one in inner]
            return True if True in found else None if None in found else False
    declared, came = types[condition.column], row[condition.column]
    if isinstance(condition, ColumnNull):
        return (came is None) == condition.value
    if came is None:
        return None
    if isinstance(condition, ColumnLike):
        return matches(condition.value, str(text(came)))
    mine = ordered(declared, came)
    other = partial(ordered, "float" if declared in NUMBERS else declared)
    match condition:
        case ColumnIn(value=listed):
            return mine in [other(as_json(one)) for one in listed]
        case ColumnBetween(value=(least, greatest)):
            return bool(other(as_json(least)) <= mine <= other(as_json(greatest)))
        case ColumnCompares(operator=name, value=given):
            return bool(getattr(operator, name)(mine, other(as_json(given))))
    raise AssertionError(condition)


def ordered(declared: str, value: Any) -> Any:
    """What is compared: text by its bytes."""
    found = read(declared, value)
    if declared == "json":
        return distinct(found)
    return found.encode() if declared == "text" else found


def refuse_unfit(plan: Plan, declared: list[tuple[str, str]]) -> None:
    """What is refused whatever the rows are."""
    types, keys = dict(declared), [key for key, _ in declared]

    def look(condition: Any) -> None:
        if isinstance(condition, All | AnyOf):
            for inner in condition.all if isinstance(condition, All) else condition.any:
                look(inner)
        elif keys.count(condition.column) != 1:
            raise Refused("rule_does_not_fit")
        elif not isinstance(condition, ColumnNull | ColumnLike) or types[condition.column] == "json":
            given = condition.value if isinstance(condition.value, tuple) else (condition.value,)
            wanted = "float" if types[condition.column] in NUMBERS else types[condition.column]
            unordered = types[condition.column] == "json" and condition.operator not in ("eq", "ne", "in", "null")
            if unordered or None in [read(wanted, as_json(one)) for one in given]:
                raise Refused("rule_does_not_fit")

    for rule in plan.rows:
        look(rule.where)


@dataclass(frozen=True)
class Column:
    position: int
    key: str
    name: str
    rules: tuple[ColumnRule, ...] = ()
    type: str = ""


def columns_of(plan: Plan, declared: list[tuple[str, str]]) -> list[Column]:
    """The columns that are left, with the rules that are for them."""
    columns = []
    for position, (key, declared_type) in enumerate(declared):
        column = Column(position, key, key, type=declared_type)
        for rule in plan.columns:
            is_for = any(matches(pattern, key) for pattern in rule.columns)
            if is_for == isinstance(rule, KeepOnly):
                if isinstance(rule, KeepOnly):
                    continue
            elif isinstance(rule, KeepOnly):
                break
            if not is_for:
                continue
            if isinstance(rule, Drop) and rule.path is None:
                break
            if getattr(rule, "path", None) is not None and column.type != "json":
                raise Refused("rule_does_not_fit")
            column = replace(
                column,
                rules=(*column.rules, rule),
                name=rule.to if isinstance(rule, Rename) else column.name,
                type=step_of(rule, Value(None, column.type)).type,
            )
        else:
            columns.append(column)
    whose = {(column.name, column.key) for column in columns} | {(rule.column, rule) for rule in plan.added}
    if len({name for name, _ in whose}) < len(whose) or not (columns or plan.added):
        raise Refused("rule_does_not_fit")
    return columns


def outcome(plan: Plan, declared: list[tuple[str, str]], rows: list[dict[int, Any] | None]) -> Any:
    """Lines, each value as `read` has it; or a code and a row. A row has its values by the columns' places; None: it
    has a key that is not declared.
    """
    try:
        columns = columns_of(plan, declared)
        refuse_unfit(plan, declared)
        lines = [line(plan, declared, columns, number, row) for number, row in enumerate(rows, start=1)]
    except Refused as refused:
        return refused.outcome
    return [one for one in lines if one is not None]


def line(plan: Plan, declared: Any, columns: list[Column], number: int, row: dict[int, Any] | None) -> Any:
    if row is None:
        raise Refused("undeclared_key", number)
    by_key = {key: row[at] for at, (key, _) in enumerate(declared)}
    compared = [key for rule in plan.rows for key in _compared(rule.where)]
    types = dict(declared)
    if any(by_key[key] is not None and read(types[key], by_key[key]) is None for key in compared):
        raise Refused("value_does_not_fit", number)
    if not all(holds(rule.where, types, by_key) for rule in plan.rows):
        return None
    try:
        made = [_made(column, row[column.position], declared[column.position][1]) for column in columns]
    except Refused as refused:
        raise Refused(refused.outcome[0], number) from None
    made += [_added(rule) for rule in plan.added]
    fields = [written(value) for value in made]
    all_columns: list[Column | AddRule] = [*columns, *plan.added]
    for value, field, column in zip(made, fields, all_columns, strict=True):
        if field is None and value.value is not None:
            is_constant = isinstance(column, AddRule) or any(isinstance(rule, Replace) for rule in column.rules)
            raise Refused("rule_does_not_fit") if is_constant else Refused("value_does_not_fit", number)
    return fields


def written(value: Value) -> Any:
    if value.value is None:
        return None
    found = read(value.type, value.value)
    return float(found) if value.type == "float" and found is not None else found


def _made(column: Column, came: Any, declared: str) -> Value:
    value = Value(came, declared)
    for place, rule in enumerate(column.rules):
        try:
            value = step_of(rule, value)
        except Refused:
            # What a later rule puts something else in the place of is not looked at.
            if not any(isinstance(later, SetNull | Replace) for later in column.rules[place:]):
                raise
    return value


def _added(rule: AddRule) -> Value:
    return Value(as_json(rule.constant), rule.type or "text")


def _compared(condition: Any) -> list[str]:
    if isinstance(condition, All | AnyOf):
        group = condition.all if isinstance(condition, All) else condition.any
        return [key for inner in group for key in _compared(inner)]
    return [condition.column]
