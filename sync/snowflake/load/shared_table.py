"""Loads into a table that many executions share.

DELETEs of one table wait for each other in Snowflake, at most 20 of them (000625), and COPYs do not
(docs.snowflake.com/en/sql-reference/transactions): what was never there is not deleted.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sync.errors import SyncError
from sync.snowflake import statements
from sync.snowflake.identifiers import OWN_COLUMNS
from sync.snowflake.load.fitting import holds
from sync.snowflake.load.growing import beside_others, finish_growing, grow
from sync.snowflake.load.own_table import add_columns, check_ours
from sync.snowflake.load.stage import Load, Loaded, copy, run, with_staged_file
from sync.snowflake.session import TABLE_EXISTS, Session, errno_of, is_other_than_known
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import ColumnType, Kind

EXECUTION_ID = OWN_COLUMNS[0]

_NAMES = {"TEXT": Kind.TEXT, "REAL": Kind.FLOAT, "DOUBLE": Kind.FLOAT}


def load_shared(
    session: Session, load: Load, execution_ids: Sequence[str], *, earlier: Collection[str], shape_known: bool
) -> Loaded:
    """Puts these executions' rows beside other executions' rows, in the place of those that `earlier` may have there.

    PUT, COPY: 2 for a whole batch; PUT, BEGIN, DELETE, COPY, COMMIT where there are earlier ones; nothing, or DELETE
    alone, without rows; CREATE, PUT, COPY where there is no table yet. `shape_known`: the table is known to be ours and
    to have these columns. Otherwise, and when Snowflake says that this is no longer so, it is made or given the columns
    it lacks first: DDL would commit the transaction. Raises table_not_ours, table_conflict, SyncError of statements.
    """
    batch = _Batch(session, load, execution_ids, earlier)

    def work() -> None:
        if shape_known:
            try:
                batch.put()
            except SyncError as error:
                if not is_other_than_known(error):
                    raise
            else:
                return
        is_new = make_fit(session, load)
        replace(batch, earlier=() if is_new else earlier).put()

    return run(session, load, work)


@dataclass(frozen=True)
class _Batch:
    """Executions that are loaded together; `earlier` are those that may have rows there."""

    session: Session
    load: Load
    execution_ids: Sequence[str]
    earlier: Collection[str]

    def put(self) -> None:
        if self.load.rows:
            with_staged_file(self.session, self.load, self._delete_and_copy)
        elif self.earlier:
            self._delete()

    def _delete_and_copy(self) -> None:
        if self.earlier:
            with self.session.transaction():
                self._delete()
                self._copy()
            return
        try:
            self._copy()
        except SyncError as error:
            if error.code == "load_not_verified":  # but committed
                self.session.attempt(self._deletion(self.execution_ids), "take away what was loaded")
            raise

    def _copy(self) -> None:
        # Somebody else may give it columns at any moment, even if it was made for this load.
        copy(self.session, self.load, self.load.table, whole=False, loads=True)

    def _delete(self) -> None:
        doing = f"delete the earlier rows of {self.load.table}"
        self.session.execute(self._deletion(self.earlier), doing, loads=True)

    def _deletion(self, execution_ids: Collection[str]) -> str:
        return statements.delete_executions(self.load.table, EXECUTION_ID, execution_ids)


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
    with beside_others():
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
