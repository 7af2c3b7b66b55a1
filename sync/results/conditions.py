"""Which rows the rules keep: their conditions as SQL.

They look at the values as they came, also of columns that are dropped. A value that is none of its declared type cannot
be compared: its row is refused, rather than left out unseen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from psycopg2 import sql

from sync.errors import failure
from sync.results.compared import comparable, constant, sql_type
from sync.results.location import misfit, shown
from sync.results.shape import MAX_COLUMNS, NO_FAULT, Fault, Filter, Making
from sync.rules import (
    All,
    Any,
    ColumnBetween,
    ColumnCompares,
    ColumnIn,
    ColumnLike,
    ColumnNull,
    RowCondition,
    RowsRule,
    Value,
    like,
)
from sync.snowflake.types import ColumnType, Kind

_OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_OF_JSON = {"eq", "ne", "in", "null"}
_TEXT = ColumnType(Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Compared:
    """A declared column that conditions compare: SQL for its text and its jsonb in row r. `is_covered` as in Cell."""

    key: str
    type: ColumnType
    text: sql.Composable
    value: sql.Composable
    is_covered: bool


# A declared column by its key, for a rule. Raises `rule_does_not_fit` where there is not one of it.
Find = Callable[[RowsRule, str], Compared]


def filter_of(subject: str, rules: Sequence[RowsRule], find: Find, faults: list[Fault]) -> Filter:
    """All rules as one filter; what a row can be refused for is added to `faults`. Raises `rule_does_not_fit`."""
    conditions = _Conditions(subject, find)
    holds = sql.SQL(" AND ").join([conditions.holds(rule, rule.where) for rule in rules])
    if len(conditions.made) > MAX_COLUMNS:
        raise failure("rule_does_not_fit", f"{subject}: the rules on rows compare more than {MAX_COLUMNS} columns")
    return Filter(tuple(steps for _, steps in conditions.made.values()), conditions.fault(faults), holds)


@dataclass
class _Conditions:
    """`made`: names of what is compared, k1, k2, …, and the steps that make it, by key and whether it is text only."""

    subject: str
    find: Find
    made: dict[tuple[str, bool], tuple[str, tuple[Making, ...]]] = field(default_factory=dict)
    columns: dict[str, Compared] = field(default_factory=dict)

    def holds(self, rule: RowsRule, condition: RowCondition) -> sql.Composable:  # noqa: PLR0911 - a table of forms
        """SQL: whether a condition holds; NULL where that is not known, as a value is null."""
        match condition:
            case All(all=inner):
                return self._joined(rule, inner, " AND ")
            case Any(any=inner):
                return self._joined(rule, inner, " OR ")
        column = self.columns.setdefault(condition.column, self.find(rule, condition.column))
        if column.type.kind is Kind.VARIANT and condition.operator not in _OF_JSON:
            what = "the rule {} compares JSON, for which there are eq, ne, in and null only"
            raise self._unfit(rule, column, what)
        name = self._name(column)
        match condition:
            case ColumnNull(value=is_null):
                return sql.SQL(f"{name} IS NULL" if is_null else f"{name} IS NOT NULL")
            case ColumnLike(value=pattern):
                name = self._name(column, as_text=column.type.kind is not Kind.TEXT)
                return sql.SQL(f"{name} LIKE {{}} ESCAPE '!'").format(sql.Literal(like(pattern)))
            case ColumnIn(value=listed):
                among = sql.Literal([self._constant(rule, column, value) for value in listed])
                return sql.SQL(f"{name} = ANY ({{}}::{sql_type(column.type)}[])").format(among)
            case ColumnBetween(value=(least, greatest)):
                ends = self._literal(rule, column, least), self._literal(rule, column, greatest)
                return sql.SQL(f"{name} BETWEEN {{}} AND {{}}").format(*ends)
            case ColumnCompares(operator=operator, value=value):
                return sql.SQL(f"{name} {_OPERATORS[operator]} {{}}").format(self._literal(rule, column, value))

    def fault(self, faults: list[Fault]) -> sql.Composable:
        """SQL: the number of the first value that is none of its declared type."""
        told = []
        for (key, as_text), (name, _) in self.made.items():
            column = self.columns[key]
            if as_text or column.type.kind in (Kind.TEXT, Kind.VARIANT):
                continue
            told.append(sql.SQL(f"WHEN {name} IS NULL AND {{}} IS NOT NULL THEN {len(faults)}").format(column.text))
            faults.append(Fault("value_does_not_fit", key, misfit(column.type), column.is_covered))
        return sql.SQL("CASE {} END").format(sql.SQL(" ").join(told)) if told else NO_FAULT

    def _joined(self, rule: RowsRule, inner: Sequence[RowCondition], word: str) -> sql.Composable:
        return sql.SQL("({})").format(sql.SQL(word).join([self.holds(rule, condition) for condition in inner]))

    def _name(self, column: Compared, *, as_text: bool = False) -> str:
        if (column.key, as_text) not in self.made:
            steps = comparable(_TEXT if as_text else column.type, column.text, column.value)
            self.made[column.key, as_text] = f"k{len(self.made) + 1}", steps
        return self.made[column.key, as_text][0]

    def _literal(self, rule: RowsRule, column: Compared, value: Value) -> sql.Composable:
        return sql.SQL(f"{{}}::{sql_type(column.type)}").format(sql.Literal(self._constant(rule, column, value)))

    def _constant(self, rule: RowsRule, column: Compared, value: Value) -> str:
        try:
            return constant(column.type, value)
        except ValueError as wanted:
            what = f"the rule {{}} compares it with something else than {wanted}"
            raise self._unfit(rule, column, what) from None

    def _unfit(self, rule: RowsRule, column: Compared, what: str) -> Exception:
        said = f"{self.subject}, column {shown(column.key)}: {what.format(shown(rule.name))}"
        return failure("rule_does_not_fit", said)
