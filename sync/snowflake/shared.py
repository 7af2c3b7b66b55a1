"""Loads into a table that many executions share: theirs are deleted and loaded in one transaction."""

from collections.abc import Sequence

from sync.errors import SyncError
from sync.snowflake import statements
from sync.snowflake.connection import Session
from sync.snowflake.failures import TABLE_EXISTS, errno_of, is_other_than_known
from sync.snowflake.fitting import holds
from sync.snowflake.growing import finish_growing, grow
from sync.snowflake.identifiers import OWN_COLUMNS
from sync.snowflake.load import add_columns, check_ours
from sync.snowflake.staging import Load, Loaded, copy, run, with_staged_file
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import ColumnType, Kind

EXECUTION_ID = OWN_COLUMNS[0]

_NAMES = {"TEXT": Kind.TEXT, "REAL": Kind.FLOAT, "DOUBLE": Kind.FLOAT}


def load_shared(session: Session, load: Load, execution_ids: Sequence[str], *, shape_known: bool) -> Loaded:
    """Puts these executions' rows in the place of their earlier ones, beside other executions'
    rows.

    PUT, BEGIN, DELETE, COPY, COMMIT: 5 for a whole batch; DELETE alone without rows; CREATE, PUT,
    COPY where there is no table yet. `shape_known`: the table is known to be ours and to have these
    columns. Otherwise, and when Snowflake says that this is no longer so, it is made or given the
    columns it lacks first: DDL would commit the transaction. Raises table_not_ours, table_conflict,
    SyncError of statements.
    """

    def work() -> None:
        if shape_known:
            try:
                _replace(session, load, execution_ids)
            except SyncError as error:
                if not is_other_than_known(error):
                    raise
            else:
                return
        if not make_fit(session, load):
            _replace(session, load, execution_ids)
        elif load.rows:
            with_staged_file(session, load, lambda: copy(session, load, load.table, whole=True, loads=True))

    return run(session, load, work)


def make_fit(session: Session, load: Load) -> bool:
    """Makes the table (True), or adds the columns it lacks. Raises table_not_ours and table_conflict."""
    create = statements.create_table(load.table, load.columns, load.comment)
    try:
        session.execute(create, f"make the table {load.table}")
    except SyncError as error:
        if errno_of(error) != TABLE_EXISTS:
            raise
    else:
        return True
    check_ours(session, load)
    there = _types(session, load.table)
    if finish_growing(session, load.table, load.columns, there):
        there = _types(session, load.table)
    for column in load.columns:
        if column.name in there and not holds(there[column.name], column.type):
            grow(session, load.table, column, there)
    add_columns(session, load, [column for column in load.columns if column.name not in there])
    return False


def _types(session: Session, table: Table) -> dict[str, ColumnType]:
    return {column.name: column.type for column in look_at_columns(session, table)}


def look_at_columns(session: Session, table: Table) -> tuple[Column, ...]:
    """The table's columns, with types as far as they are known here; none where there is no such table."""
    answer = session.execute(statements.table_columns(table), f"look at the columns of {table}")
    return tuple(Column(str(row["column_name"]), _type_of(row)) for row in answer.rows)


def _type_of(row: dict[str, object]) -> ColumnType:
    name = str(row["data_type"])
    if name == Kind.DECIMAL:
        precision, scale = (int(str(row[key])) for key in ("numeric_precision", "numeric_scale"))
        exact = ColumnType(Kind.DECIMAL, precision, scale)
        return ColumnType(Kind.INTEGER) if (precision, scale) == (38, 0) else exact
    return ColumnType(_NAMES.get(name) or (Kind(name) if name in set(Kind) else Kind.TEXT))


def _replace(session: Session, load: Load, execution_ids: Sequence[str]) -> None:
    delete = statements.delete_executions(load.table, EXECUTION_ID, execution_ids)
    doing = f"delete the earlier rows of {load.table}"
    if not load.rows:
        session.execute(delete, doing, loads=True)
        return

    def replace() -> None:
        with session.transaction():
            session.execute(delete, doing, loads=True)
            copy(session, load, load.table, whole=False, loads=True)

    with_staged_file(session, load, replace)
