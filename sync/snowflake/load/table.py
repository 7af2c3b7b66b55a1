"""A table in Snowflake: made, known as ours by its comment, given columns, and what columns it has."""

from collections.abc import Sequence

from sync.errors import SyncError, failure
from sync.snowflake import statements
from sync.snowflake.load.stage import FileLoad
from sync.snowflake.session import NOT_FOUND, TABLE_EXISTS, Session, errno_of
from sync.snowflake.show_statements import show_table
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import ColumnType, Kind, parse_declared

_KINDS = {kind.value: kind for kind in Kind} | {"REAL": Kind.FLOAT, "DOUBLE": Kind.FLOAT}


def make_table(session: Session, load: FileLoad, *, loads: bool) -> bool:
    """Whether the table was made now; `loads` as for Session.execute. Raises table_not_ours where it is not ours."""
    create = statements.create_table(load.table, load.columns, load.comment, session.keeping)
    try:
        session.execute(create, f"make the table {load.table}", loads=loads)
    except SyncError as error:
        if errno_of(error) != TABLE_EXISTS:
            raise
    else:
        return True
    if not is_ours(session, load.table, load.marker):
        raise not_ours(load.table)
    return False


def is_ours(session: Session, table: Table, marker: str) -> bool:
    """Whether there is a table, and none that is somebody else's: for that, raises table_not_ours. Wakes no warehouse.

    None is seen where the schema is not, either: what makes a table there says so.
    """
    try:
        shown = session.execute(show_table(table), f"look at the table {table}").rows
    except SyncError as error:
        if errno_of(error) not in NOT_FOUND:
            raise
        return False
    comments = [row["comment"] for row in shown if row["name"] == table.name]
    if not all(statements.is_marked(comment, marker) for comment in comments):
        raise not_ours(table)
    return bool(comments)


def not_ours(table: Table) -> SyncError:
    return failure("table_not_ours", f"{table} exists in Snowflake and was not made for this")


def add_columns(session: Session, load: FileLoad, columns: Sequence[Column]) -> None:
    """Gives the table columns that it lacks, and explains them in its comment where they need it."""
    for column in columns:
        added = statements.add_column(load.table, column)
        session.execute(added, f"add the column {column.name} to {load.table}")
    if any(column.name in load.notes for column in columns):
        explained = statements.set_comment(load.table, load.comment)
        session.execute(explained, f"say in the comment of {load.table} whose its columns are")


def read_columns(session: Session, table: Table) -> tuple[Column, ...]:
    """The table's columns, with types as far as they are known here; none where there is no such table."""
    answer = session.execute(statements.table_columns(table), f"look at the columns of {table}")
    return tuple(Column(str(row["column_name"]), _type_of(row)) for row in answer.rows)


def _type_of(row: dict[str, object]) -> ColumnType:
    name = str(row["data_type"])
    if name == Kind.DECIMAL:
        return parse_declared(f"NUMBER({row['numeric_precision']},{row['numeric_scale']})")
    return ColumnType(_KINDS.get(name, Kind.TEXT))
