"""A number's column that takes more digits than it did.

Snowflake lets a precision grow in place, and a scale never: docs.snowflake.com/en/sql-reference/sql/alter-table-column.
For a scale, a wider column is filled aside and the two change names. As definitions commit by themselves, no
transaction holds the steps together: where somebody was stopped between two of them, whoever comes next does the rest.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence

from sync.errors import SyncError, failure
from sync.snowflake import growing_statements, statements
from sync.snowflake.load.table import read_columns
from sync.snowflake.session import Session
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import NUMBERS, ColumnType, holds


def widen_columns(
    session: Session,
    table: Table,
    columns: Collection[Column],
    releases: Callable[[Session, Sequence[Column]], None] = lambda _session, _columns: None,
) -> Collection[str]:
    """Lets the table's columns hold what these are to; the names of those it has. `releases`: as FileLoad has it.

    Raises table_conflict where that cannot be.
    """
    types = _types(session, table)
    try:
        if _finish_growing(session, table, columns, types):
            types = _types(session, table)
        growing = [column for column in columns if column.name in types and not holds(types[column.name], column.type)]
        if growing:
            _check(session, table, growing, types)
            names = {column.name for column in growing}
            releases(session, [Column(name, type_) for name, type_ in types.items() if name not in names])
        for column in growing:
            _grow(session, table, column, types)
    except SyncError as error:
        if error.code != "statement_rejected":
            raise
        # Somebody else may have done one of these steps meanwhile: it is worth another look.
        raise failure("refused_unknown", error.happened, query_id=error.query_id) from error.__cause__
    return types


def _types(session: Session, table: Table) -> dict[str, ColumnType]:
    return {column.name: column.type for column in read_columns(session, table)}


def _check(session: Session, table: Table, growing: Sequence[Column], types: Mapping[str, ColumnType]) -> None:
    """Whether all of them can grow, before anything is done for one. Raises table_conflict."""
    for column in growing:
        if not {types[column.name].kind, column.type.kind} <= NUMBERS:
            raise _conflict(table, column, types[column.name], "cannot hold")
    scaled = [column for column in growing if not _in_place(types[column.name], column)]
    policies = _with_policies(session, table) if scaled else ()
    for column in scaled:
        if column.name in policies:
            # It would stay with the column that goes.
            why = "has a policy, without which it cannot be given a type that holds"
            raise _conflict(table, column, types[column.name], why)


def _in_place(there: ColumnType, column: Column) -> bool:
    return there.digits[1] == column.type.digits[1]


def _grow(session: Session, table: Table, column: Column, types: Mapping[str, ColumnType]) -> None:
    there = types[column.name]
    doing = f"give the column {column.name} of {table} the type {column.type.ddl}"
    if _in_place(there, column):
        session.execute(growing_statements.set_type(table, column), doing)
        return
    wide, narrow = _aside(column.name)
    if types.get(wide, column.type) != column.type:
        session.execute(growing_statements.drop_column(table, wide), doing)
    session.execute(statements.add_column(table, Column(wide, column.type)), doing)
    try:
        session.execute(growing_statements.fill(table, wide, column.name), doing)
    except SyncError as error:
        if error.code != "load_rejected":
            # Not for what the column holds: somebody else is at the same, and may need the one aside.
            raise
        session.tidy_up(growing_statements.drop_column(table, wide), f"drop the column {wide} of {table}")
        raise _conflict(table, column, there, "has values that leave no room for") from error
    session.execute(growing_statements.rename_column(table, column.name, narrow), doing)
    _finish(session, table, column.name)


def _finish_growing(session: Session, table: Table, columns: Collection[Column], there: Collection[str]) -> bool:
    """Does the rest where a column's growth was broken off; whether there was anything to do."""
    broken = [column.name for column in columns if _aside(column.name)[1] in there]
    for name in broken:
        wide, narrow = _aside(name)
        if name in there:
            _take_over(session, table, name)
        elif wide in there:
            _finish(session, table, name)
        else:
            # Somebody else wanted another width, and began anew.
            session.execute(
                growing_statements.rename_column(table, narrow, name), f"put the column {name} of {table} back"
            )
    return bool(broken)


def _finish(session: Session, table: Table, name: str) -> None:
    wide, _ = _aside(name)
    session.execute(
        growing_statements.rename_column(table, wide, name), f"put the wider column {name} of {table} in place"
    )
    _take_over(session, table, name)


def _take_over(session: Session, table: Table, name: str) -> None:
    """Takes rows along that were loaded in between."""
    _, narrow = _aside(name)
    session.execute(growing_statements.fill(table, name, narrow), f"fill the column {name} of {table}")
    session.execute(growing_statements.drop_column(table, narrow), f"drop the column that was {name} of {table}")


def _aside(name: str) -> tuple[str, str]:
    """What the wider and the narrower column are called meanwhile."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:16].upper()
    return f"_USS_WIDE_{digest}", f"_USS_NARROW_{digest}"


def _with_policies(session: Session, table: Table) -> set[object]:
    rows = session.execute(statements.describe(table), f"look for policies on {table}").rows
    return {row.get("name") for row in rows if row.get("policy name")}


def _conflict(table: Table, column: Column, there: ColumnType, why: str) -> SyncError:
    happened = f"The column {column.name} of {table} is {there.ddl} and {why} {column.type.ddl}"
    return failure("table_conflict", happened)
