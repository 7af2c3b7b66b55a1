"""What the rules of a plan make of one result: its columns with their types, and which rows are kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sync.errors import SyncError, failure
from sync.results.added import added
from sync.results.conditions import Compared, filter_of
from sync.results.following import Column, Following
from sync.results.location import shown
from sync.results.rows import text_in_row, value_in_row
from sync.results.shape import MAX_COLUMNS, MAX_STEPS, TOO_MANY_STEPS, Cell, Fault, Filter, ResultColumn, Shape, Shaping
from sync.rules import AddRule, Plan, RowsRule, matcher
from sync.snowflake.types import ColumnType, parse_declared

_OTHER_TYPE = "Declare a number with fewer digits, or string, which takes any, in result_columns, then retry the run."

# A name in result_columns, and the type that is declared there.
Declared = tuple[str, str | None]


def shaped(plain: Shape, declared: Sequence[Declared], plan: Plan) -> Shape:
    """The shape of a result that declares these columns, as the plan has it; `plain` has none yet.

    Raises `malformed_result` for a declared type that is none, where it is needed; `rule_does_not_fit`; and
    `unsupported_columns`.
    """
    if not (plan.columns or plan.rows or plan.added or plan.dropped):
        return replace(plain, columns=tuple(ResultColumn(one[0], _declared_type(plain, one)) for one in declared))
    # By this one, values are taken out of rows.
    base = replace(plain, shaping=Shaping(tuple(key for key, _ in declared), (), None, ()))
    faults: list[Fault] = []
    columns = _followed(base, declared, plan, faults)
    kept = [column for column in columns if not column.is_dropped]
    more = [added(rule, plain.execution_id) for rule in plan.added]
    typed = [
        ResultColumn(column.name, column.type or _declared_type(base, declared[column.position])) for column in kept
    ]
    all_columns = (*typed, *(column for column, _ in more))
    if not (plan.rows or more or any(_is_changed(column, declared[column.position]) for column in columns)):
        return replace(plain, columns=all_columns)
    _check_names(base, kept, plan.added)
    _check_number(base, len(all_columns))
    filtered = _filter(base, declared, columns, plan.rows, faults) if plan.rows else None
    cells = (*(column.cell for column in kept), *(cell for _, cell in more))
    origins = (*(column.position for column in kept), *(None for _ in more))
    shaping = Shaping(base.keys, cells, filtered, tuple(faults), origins)
    return replace(plain, columns=all_columns, shaping=shaping)


def _followed(base: Shape, declared: Sequence[Declared], plan: Plan, faults: list[Fault]) -> list[Column]:
    columns = [
        Column(key, at, _type(type_), Cell(at), key, is_dropped=key in plan.dropped)
        for at, (key, type_) in enumerate(declared)
    ]
    following = Following(base, faults)
    for rule in plan.columns:
        is_for = matcher(rule.columns)
        columns = [following.follow(rule, column, is_meant=is_for(column.key)) for column in columns]
        if sum(len(column.cell.steps) for column in columns) > MAX_STEPS:
            raise _unfit(base, TOO_MANY_STEPS)
    return columns


def _filter(
    base: Shape, declared: Sequence[Declared], columns: Sequence[Column], rules: Sequence[RowsRule], faults: list[Fault]
) -> Filter:
    by_key = {column.key: column for column in columns}
    counted = Counter(base.keys)

    def find(rule: RowsRule, key: str) -> Compared:
        if counted[key] != 1:
            what = "declares twice" if counted[key] else "does not declare"
            said = f"the rule {shown(rule.name)} compares the column {shown(key)}, which the result {what}"
            raise _unfit(base, said)
        column = by_key[key]
        return Compared(
            key,
            _declared_type(base, declared[column.position]),
            text_in_row(base, column.position),
            value_in_row(base, column.position),
            is_covered=column.is_dropped or column.cell.is_covered,
        )

    return filter_of(f"Execution {base.execution_id}", rules, find, faults)


def _is_changed(column: Column, declared: Declared) -> bool:
    is_as_declared = column.name == column.key and column.type == _type(declared[1])
    return column.is_dropped or bool(column.cell.steps) or not is_as_declared


def _type(declared: str | None) -> ColumnType | None:
    try:
        return parse_declared(declared)
    except ValueError:
        return None


def _declared_type(base: Shape, column: Declared) -> ColumnType:
    key, declared = column
    try:
        return parse_declared(declared)
    except ValueError as error:
        happened = f"Execution {base.execution_id}, column {shown(key)}: {error}"
        raise failure("malformed_result", happened, remedy=_OTHER_TYPE) from None


def _check_names(base: Shape, kept: Sequence[Column], rules: Sequence[AddRule]) -> None:
    """No rule may give a column the name of another one; a result itself may have a name twice."""
    named = [(column.name, ("column", column.key), column.named_by) for column in kept]
    named += [(rule.column, ("rule", rule.name), rule.name) for rule in rules]
    first = {name: (whose, rule) for name, whose, rule in reversed(named)}
    for name, whose, rule in named:
        other, other_rule = first[name]
        if whose != other:
            said = (
                f"the rule {shown(rule or other_rule or '')} names a column {shown(name)}, and so is another one named"
            )
            raise _unfit(base, said)


def _check_number(base: Shape, number: int) -> None:
    if number == 0:
        raise _unfit(base, "the rules drop all of its columns")
    if number > MAX_COLUMNS:
        said = f"with what rules add, it has {number} columns; at most {MAX_COLUMNS} can be loaded"
        raise failure("unsupported_columns", f"Execution {base.execution_id}: {said}")


def _unfit(base: Shape, said: str) -> SyncError:
    return failure("rule_does_not_fit", f"Execution {base.execution_id}: {said}")
