"""Follows the rules for one column after the other: what it is called, its type, and the steps to its values.

What a later step overtakes is not done: where a value is replaced, it is not hashed before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psycopg2 import sql

from sync.errors import SyncError, failure
from sync.results.added import as_jsonb
from sync.results.location import shown
from sync.results.rows import text_in_row, value_in_row
from sync.results.shape import Cell, Fault, Form, Making, Shape, Step
from sync.results.steps import (
    along,
    canonical_json,
    canonical_number,
    canonical_text,
    hashed,
    hashed_json,
    masked,
    masked_json,
    text_of,
)
from sync.rules import Cast, ColumnRule, Drop, Hash, KeepOnly, Mask, Rename, Replace, SetNull, steps
from sync.snowflake.types import NUMBERS, ColumnType, Kind, parse_declared

_TEXT = ColumnType(Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Column:
    """A declared column on its way. `type`: None if the declared one is none. `named_by`: the rule that renamed it."""

    key: str
    position: int
    type: ColumnType | None
    cell: Cell
    name: str
    named_by: str | None = None
    is_dropped: bool = False


@dataclass(frozen=True)
class Following:
    """The rules' steps for the columns of a result, which is declared by `shape`. They add to `faults`."""

    shape: Shape
    faults: list[Fault]

    def follow(self, rule: ColumnRule, column: Column, *, is_meant: bool) -> Column:  # noqa: C901, PLR0911 - a table
        """The column after a rule; `is_meant`: the rule names it. Raises `rule_does_not_fit`."""
        if isinstance(rule, KeepOnly):
            return column if is_meant else _dropped(column)
        if not is_meant or column.is_dropped:
            return column
        match rule:
            case Drop(path=None):
                return _dropped(column)
            case Rename(to=name):
                return replace(column, name=name, named_by=rule.name, cell=replace(column.cell, is_covered=True))
            case Cast(type=declared):
                return replace(column, type=parse_declared(declared), cell=replace(column.cell, cast_by=rule.name))
            case SetNull():
                return replace(column, cell=_constant(sql.SQL("NULL::text"), "text", rule))
            case Replace(value=value):
                return replace(column, cell=_constant(as_jsonb(value), "json", rule))
            case Drop() | Hash() | Mask() if rule.path is not None:
                return self._within(rule, column, steps(rule.path))
            case Hash():
                return self._hashed(column)
            case Mask():
                return self._masked(rule, column)
        return column

    def _hashed(self, column: Column) -> Column:
        of_numbers = column.type is None or column.type.kind in {*NUMBERS, Kind.FLOAT}
        if column.cell.steps:
            made: list[Making] = []
            if column.cell.form == "json":
                made.append(lambda c: canonical_json(sql.SQL(c)))
            if of_numbers:
                made.append(canonical_number)
            return _now_text(column, [*made, lambda c: hashed(sql.SQL(c))])
        value = value_in_row(self.shape, column.position)
        taken = text_in_row(self.shape, column.position)
        made = [lambda _: taken, lambda c: hashed(canonical_text(c, value, of_numbers=of_numbers))]
        return _now_text(column, made)

    def _masked(self, rule: Mask, column: Column) -> Column:
        taken = text_in_row(self.shape, column.position)
        made: list[Making] = [] if column.cell.steps else [lambda _: taken]
        if column.cell.form == "json":
            made.append(lambda c: text_of(sql.SQL(c)))
        return _now_text(column, [*made, lambda c: masked(sql.SQL(c), rule)])

    def _within(self, rule: Drop | Hash | Mask, column: Column, path: tuple[str, ...]) -> Column:
        if column.type is None or column.type.kind is not Kind.VARIANT:
            raise self._unfit(rule, column, "has a path, for which the column would have to be of type json (cast it)")
        made: list[Making] = []
        value = value_in_row(self.shape, column.position)
        if not column.cell.steps:
            made.append(lambda _: value)
        elif column.cell.form == "text":
            made.append(lambda c: sql.SQL(f"to_jsonb({c})"))
        said = (
            f"the rule {shown(rule.name)} expects an object, or an array for *, and there is something else on its path"
        )
        fault = Fault("rule_does_not_fit", column.key, said, is_covered=True)
        last = Step(lambda c: _along(c, path, rule), len(self.faults))
        self.faults.append(fault)
        return _with(column, [*map(Step, made), last], "json", column.type)

    def _unfit(self, rule: ColumnRule, column: Column, what: str) -> SyncError:
        said = f"Execution {self.shape.execution_id}, column {shown(column.key)}: the rule {shown(rule.name)} {what}"
        return failure("rule_does_not_fit", said)


def _along(c: str, path: tuple[str, ...], rule: Drop | Hash | Mask) -> sql.Composable:
    """A jsonb after a rule with a path. NULL is null here, so that NULL out of it tells that the rule does not fit."""
    value = sql.SQL(f"coalesce({c}, 'null')")
    match rule:
        case Hash():
            return along(value, path, hashed_json)
        case Mask():
            return along(value, path, lambda there: masked_json(there, rule))
    return along(value, path, None)


def _dropped(column: Column) -> Column:
    return replace(column, is_dropped=True)


def _constant(value: sql.Composable, form: Form, rule: ColumnRule) -> Cell:
    return Cell(None, (Step(lambda _: value),), form, constant_of=rule.name, is_covered=True)


def _now_text(column: Column, made: Sequence[Making]) -> Column:
    return _with(column, [Step(one) for one in made], "text", _TEXT)


def _with(column: Column, more: Sequence[Step], form: Form, column_type: ColumnType) -> Column:
    cell = replace(column.cell, steps=(*column.cell.steps, *more), form=form, cast_by=None, is_covered=True)
    return replace(column, cell=cell, type=column_type)
