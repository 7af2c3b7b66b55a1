"""Loads of a table of an execution's own.

Every load replaces what was there, and none shows half of it.
"""

import secrets

from sync.errors import SyncError, failure
from sync.snowflake import statements
from sync.snowflake.connection import Session
from sync.snowflake.failures import NOT_FOUND, TABLE_EXISTS, errno_of
from sync.snowflake.staging import Load, Loaded, copy, run, with_staged_file
from sync.snowflake.statements import Table

__all__ = ["Load", "Loaded", "load_again", "load_first"]


def load_first(session: Session, load: Load) -> Loaded:
    """Makes the table and fills it: CREATE, PUT, COPY; without rows, CREATE alone.

    A table of that name that is ours already was made by an attempt whose answer was lost: it is
    replaced. Raises table_not_ours for any other; SyncError of statements.
    """

    def work() -> None:
        if not _created(session, load):
            _replace(session, load, same_columns=False)
        elif load.rows:
            with_staged_file(session, load, lambda: copy(session, load, load.table, load.columns, loads=True))

    return run(session, load, work)


def load_again(session: Session, load: Load, *, same_columns: bool) -> Loaded:
    """Replaces an earlier result: fills a table aside, then puts its rows in place in one
    statement.

    Until that statement the earlier rows are there, whatever fails. `same_columns`: the table has
    these columns with these types. CREATE TEMPORARY, PUT, COPY, INSERT OVERWRITE, DROP; CREATE OR
    REPLACE alone without rows. Raises SyncError.
    """
    return run(session, load, lambda: _replace(session, load, same_columns=same_columns))


def _created(session: Session, load: Load) -> bool:
    """Whether the table was made now. Raises table_not_ours where it is there and not ours."""
    try:
        session.execute(
            statements.create_table(load.table, load.columns, load.comment),
            f"make the table {load.table}",
            loads=True,
        )
    except SyncError as error:
        if errno_of(error) != TABLE_EXISTS:
            raise
    else:
        return True
    check_ours(session, load)
    return False


def check_ours(session: Session, load: Load) -> None:
    """Raises table_not_ours unless the existing table carries this load's marker."""
    rows = session.execute(statements.table_comment(load.table), f"look at the table {load.table}").rows
    if not any(statements.is_marked(row.get("comment"), load.marker) for row in rows):
        raise failure("table_not_ours", f"{load.table} exists in Snowflake and was not made for this")


def _replace(session: Session, load: Load, *, same_columns: bool) -> None:
    if not load.rows:
        empty = statements.create_empty(load.table, load.columns, load.comment)
        session.execute(empty, f"empty the table {load.table}", loads=True)
        return
    aside = load.table.beside(f"USS_{secrets.token_hex(8).upper()}")
    session.execute(statements.create_aside(aside, load.columns), f"make a temporary table for {load.table}")
    try:
        with_staged_file(session, load, lambda: copy(session, load, aside, load.columns, loads=False))
        _swap(session, load, aside, same_columns=same_columns)
    finally:
        if not session.attempt(statements.drop(aside), f"drop {aside}"):
            session.usable = False  # it ends with the session


def _swap(session: Session, load: Load, aside: Table, *, same_columns: bool) -> None:
    """The one statement that users see."""
    if same_columns:
        try:
            _overwrite(session, load, aside)
        except SyncError as error:
            if errno_of(error) not in NOT_FOUND:
                raise
        else:
            return
        # Gone: made again. Without OR REPLACE, so that nobody else's new table of that name is taken.
    again = statements.create_from(load.table, load.columns, load.comment, aside, replace=not same_columns)
    session.execute(again, f"put the new rows of {load.table} in place", loads=True)


def _overwrite(session: Session, load: Load, aside: Table) -> None:
    answer = session.execute(
        statements.insert_overwrite(load.table, load.columns, aside),
        f"put the new rows of {load.table} in place",
        loads=True,
    )
    if answer.rowcount not in {load.rows, -1}:
        happened = f"INSERT OVERWRITE into {load.table} put {answer.rowcount} rows in place of {load.rows}"
        raise failure("load_not_verified", happened, query_id=answer.query_id)
