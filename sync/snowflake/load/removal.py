"""Taking results out again: a table of an execution's own is dropped, rows of a shared one are deleted.

What is dropped can be had back by UNDROP, and deleted rows by Time Travel, for as long as the table's retention says:
docs.snowflake.com/en/sql-reference/sql/drop-table (which needs OWNERSHIP) and .../delete.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from sync.errors import SyncError, failure
from sync.snowflake import erasure_statements, statements
from sync.snowflake.identifiers import OWN_COLUMNS
from sync.snowflake.load.table import is_ours
from sync.snowflake.session import TABLE_EXISTS, Session, errno_of
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import ColumnType, Kind

_REMEDY = (
    "It is left alone. If it is the result's table, give the role its ownership back (GRANT OWNERSHIP ON TABLE ... TO "
    "ROLE ... COPY CURRENT GRANTS) or take the result out by hand; otherwise rename it. Then retry the run."
)
_LOOK = "Made by Universal Snowflake Sync to see whether this name is free, and dropped at once. Drop it if it is left."
_PROBE = Column(OWN_COLUMNS[0], ColumnType(Kind.TEXT))


def drop_own(
    session: Session,
    table: Table,
    marker: str,
    *,
    releases: Callable[[Session], None] = lambda _session: None,
    for_good: bool = False,
) -> bool:
    """Drops a table if its comment shows that it is ours. False: there was none. `releases` is called before.

    `for_good`: Time Travel is not to bring it back.

    Snowflake hides from a role what it has no right on: a table is made under the name of one that is not seen, which
    a hidden one refuses, or a hidden schema. Raises table_not_ours, table_refused, SyncError of statements.
    """
    try:
        there = is_ours(session, table, marker)
        if there:
            releases(session)
        if there and for_good:
            drop_for_good(session, table)
        elif there:
            session.execute(statements.drop(table), f"drop {table}", loads=True)
        else:
            _see_that_it_has_gone(session, table, marker)
    except SyncError as error:
        raise _with_remedy(error) from error.__cause__
    return there


def drop_for_good(session: Session, table: Table) -> None:
    """Drops a table that was just seen to be ours; Time Travel is not to bring it back. Raises SyncError.

    Where that cannot be ended, the table is left: of a dropped one it could not be ended any more.
    """
    session.execute(erasure_statements.end_time_travel(table), f"end the Time Travel of {table}")
    session.execute(statements.drop(table), f"drop {table}", loads=True)


def delete_rows(
    session: Session,
    table: Table,
    marker: str,
    execution_ids: Sequence[str],
    placing: Callable[[], AbstractContextManager[Session]],
    *,
    releases: Callable[[Session], None] = lambda _session: None,
) -> int:
    """Deletes these executions' rows of a shared table, by one statement in what `placing` opens; how many there were.

    Unlike with loads, a table that was ours is not believed to be: somebody else's may have our columns, and these
    ids in them. Whether one that is not seen has gone is asked as by drop_own. `releases` is called before.
    Raises table_not_ours, table_refused, SyncError of statements.
    """
    deletion = statements.delete_executions(table, OWN_COLUMNS[0], execution_ids)
    doing = f"delete the rows of {len(execution_ids)} executions from {table}"
    try:
        if not is_ours(session, table, marker):
            see_that_it_has_gone(session, table)
            return 0
        releases(session)
        with placing() as placed:
            return placed.execute(deletion, doing, loads=True).rowcount
    except SyncError as error:
        raise _with_remedy(error) from error.__cause__


def see_that_it_has_gone(session: Session, table: Table) -> None:
    """Makes sure that a table of several, which is not seen, is not only hidden, as drop_own does.

    A load may begin at this moment, and must not take for its own what is made for that, and dropped. Raises
    table_refused, SyncError of statements.
    """
    try:
        _see_that_it_has_gone(session, table, _LOOK)
    except SyncError as error:
        raise _with_remedy(error) from error.__cause__


def _see_that_it_has_gone(session: Session, table: Table, comment: str) -> None:
    create = statements.create_table(table, [_PROBE], comment, session.keeping)
    try:
        session.execute(create, f"see whether there is a table {table}", loads=True)
    except SyncError as error:
        if errno_of(error) != TABLE_EXISTS:
            raise
        hidden = f"{table} exists in Snowflake, and the role does not see what it is"
        raise failure("table_refused", hidden, query_id=error.query_id) from error.__cause__
    session.execute(statements.drop(table), f"drop {table}", loads=True)


def _with_remedy(error: SyncError) -> SyncError:
    """What to do is another thing than with a load that is refused."""
    if error.code not in {"table_not_ours", "table_refused"}:
        return error
    return failure(error.code, error.happened, remedy=_REMEDY, query_id=error.query_id)
