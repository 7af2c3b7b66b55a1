"""Reads the form of an execution's result, and refuses a result that cannot be loaded whatever its values are.

All of this runs in SQL: neither the rows nor a huge result_columns come to Python.
"""

from collections.abc import Sequence
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import failure
from sync.postgres import read_sql
from sync.results.scale import resolved
from sync.results.shape import MAX_COLUMNS, Shape
from sync.results.shaping import shaped
from sync.rules import Plan

NOTHING = Plan()
RESULT_HASH, COLUMN_NAMES, COLUMN_TYPES, _EXAMINE = read_sql(
    __file__, "result_hash", "column_names", "column_types", "examine"
)


class Examined(NamedTuple):
    """What an execution's row says of its result.

    `source_version` is the row's xmin, the transaction that wrote it last; None: the role may see no such row.
    """

    execution_id: str
    result_hash: int | None = None
    source_version: str | None = None
    status: str | None = None
    # If the result should have more rows than it has, how many, as PostgreSQL writes a number (`NaN`, too).
    wanted_rows: str | None = None
    rows_type: str | None = None
    first_type: str | None = None
    rows: int = 0
    columns_type: str | None = None
    columns: int = 0
    names: Sequence[str | None] = ()
    types: Sequence[str | None] = ()


def examine(cursor: Cursor, execution_ids: Sequence[str]) -> dict[str, Examined]:
    """Looks at executions, by their ids, in one statement; `cursor` is a `snapshot`'s."""
    cursor.execute(_EXAMINE, {"execution_ids": list(execution_ids), "max": MAX_COLUMNS})
    found = {row[0]: Examined(*row) for row in cursor}
    return {execution_id: found.get(execution_id, Examined(execution_id)) for execution_id in execution_ids}


def shape_of(cursor: Cursor, found: Examined, plan: Plan = NOTHING, *, is_trial: bool = False) -> Shape:
    """What the rules make of the result; to be asked while the snapshot is open, one with a key if the plan hashes.

    A decimal column declared without a scale takes it from the data, in a pass of its own. `is_trial`: the plan may be
    less than what is in force, so that PostgreSQL's log must quote no value, whatever is in it.

    Raises `execution_not_visible`, `not_completed`, `no_results`, `incomplete_result`, `malformed_result`,
    `unsupported_columns`, `rule_does_not_fit`, or `value_does_not_fit` for a scale beyond NUMBER.
    """
    subject = f"Execution {found.execution_id}"
    if found.source_version is None:
        raise failure("execution_not_visible", f"{subject} was not found")
    _check_presence(subject, found)
    _check_form(subject, found)
    plain = Shape(found.execution_id, (), found.first_type != "array", found.rows)
    return resolved(cursor, shaped(plain, _declared(subject, found), plan), is_careful=is_trial)


def _check_presence(subject: str, found: Examined) -> None:
    if found.status != "completed":
        raise failure("not_completed", f"{subject} has the status {found.status!r}")
    if found.rows_type in (None, "null"):
        raise failure("no_results", f"{subject} has no result_rows")
    no_columns = found.columns == 0 and found.columns_type in (None, "null", "array")
    if no_columns and found.rows_type == "array" and found.rows == 0:
        raise failure("no_results", f"{subject} has neither columns nor rows")


def _check_form(subject: str, found: Examined) -> None:
    if found.columns_type != "array" or found.columns == 0:
        is_array = found.columns_type == "array"
        said = "empty" if is_array else f"a JSON {found.columns_type or 'null'}, not an array"
        raise failure("malformed_result", f"{subject}: result_columns is {said}")
    if found.rows_type != "array":
        raise failure("malformed_result", f"{subject}: result_rows is a JSON {found.rows_type}, not an array")
    if found.columns > MAX_COLUMNS:
        raise failure(
            "unsupported_columns", f"{subject} has {found.columns} columns; at most {MAX_COLUMNS} can be loaded"
        )
    if found.first_type not in (None, "object", "array"):
        raise failure(
            "malformed_result", f"{subject}, row 1: a JSON {found.first_type}, neither an object nor an array"
        )
    if found.wanted_rows is not None:
        raise failure(
            "incomplete_result", f"{subject} keeps {found.rows} of {found.wanted_rows} rows (result_total_rows)"
        )


def _declared(subject: str, found: Examined) -> list[tuple[str, str | None]]:
    columns = []
    for number, (name, declared) in enumerate(zip(found.names, found.types, strict=True), start=1):
        if name is None:
            raise failure("malformed_result", f"{subject}: entry {number} of result_columns has no name")
        columns.append((name, declared))
    return columns
