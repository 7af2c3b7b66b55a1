"""Loads of a table of an execution's own. Every load replaces what was there, and none shows half of it."""

import logging
import secrets
from collections.abc import Sequence

from sync.errors import SyncError, failure
from sync.snowflake import statements
from sync.snowflake.load.leftovers import aside_table_name
from sync.snowflake.load.stage import FileLoad, copy, with_staged_file
from sync.snowflake.load.table import add_columns, is_ours, make_table, not_ours
from sync.snowflake.session import TABLE_EXISTS, Session, errno_of, is_answer, is_other_than_known
from sync.snowflake.statements import Column, Table

logger = logging.getLogger(__name__)


def load_first(session: Session, load: FileLoad) -> None:
    """Makes the table and fills it: CREATE, PUT, COPY; without rows, CREATE alone.

    A table of that name that is ours already was made by an attempt whose answer was lost: it is
    replaced. One that was made now, and for certain got no rows, is dropped: an empty table would say
    that the result has none. Raises table_not_ours for any other; SyncError of statements.
    """
    if not make_table(session, load, loads=True):
        load_again(session, load, lacking=None)
    elif load.rows:
        try:
            with_staged_file(session, load, lambda: _fill(session, load, load.table))
        except SyncError as error:
            # After an answer that could not be believed there may be rows.
            if session.usable and is_answer(error) and error.code != "load_not_verified":
                _take_back(session, load)
            raise


def load_again(session: Session, load: FileLoad, *, lacking: Sequence[Column] | None) -> None:
    """Replaces an earlier result: fills a table aside, then puts its rows in place in one statement.

    Until that statement the earlier rows are there, whatever fails. `lacking` are the columns that the table has to be
    given first; None: it has others that have to go, and is made anew, which its streams, tags and policies do not
    outlive. CREATE TEMPORARY, PUT, COPY, INSERT OVERWRITE, DROP; without rows, INSERT OVERWRITE alone. Where Snowflake
    says that the table is not what it was, it is made anew if it is ours. What is `fenced` goes another way, because
    only a transaction of DML can be fenced: PUT, BEGIN, DELETE, COPY, COMMIT; or, to make the table anew, CREATE, PUT,
    BEGIN, COPY, COMMIT for a table aside, of which the new table is a clone. Raises table_not_ours.
    """
    if not load.rows:
        _put_in_place(session, load, lacking, None)
        return
    if load.fenced:
        _replace_fenced(session, load, lacking)
        return
    aside = load.table.beside(f"{statements.PREFIX}{secrets.token_hex(8).upper()}")
    session.execute(statements.create_aside(aside, load.columns), f"make a temporary table for {load.table}")
    try:
        with_staged_file(session, load, lambda: copy(session, load, aside, whole=True))
        _put_in_place(session, load, lacking, aside)
    finally:
        if not session.tidy_up(statements.drop(aside), f"drop {aside}"):
            session.usable = False  # it ends with the session


def _replace_fenced(session: Session, load: FileLoad, lacking: Sequence[Column] | None) -> None:
    if lacking is not None:
        try:
            add_columns(session, load, lacking)
            with_staged_file(session, load, lambda: _refill(session, load))
        except SyncError as error:
            if not is_other_than_known(error) and error.code != "load_rejected":
                raise
        else:
            return
    replace = is_ours(session, load.table, load.marker)
    aside = load.table.beside(aside_table_name(load.staged_name))
    create = statements.create_table(aside, load.columns, load.comment, session.keeping)
    session.execute(create, f"make a table beside {load.table}")
    try:
        with_staged_file(session, load, lambda: _fill(session, load, aside))
        clone = statements.create_clone(load.table, aside, session.keeping, replace=replace)
        _put_new(session, load, clone, replace=replace)
        # Snowflake's pages do not say whether a clone has the comment, by which the table is known as ours.
        session.execute(statements.set_comment(load.table, load.comment), f"say in {load.table} whose it is")
    finally:
        session.tidy_up(statements.drop(aside), f"drop {aside}")


def _take_back(session: Session, load: FileLoad) -> None:
    """Drops the table if its comment still shows that it is ours; raises only what the guard does."""
    try:
        if is_ours(session, load.table, load.marker):
            session.execute(statements.drop(load.table), f"drop {load.table}, which got no rows", loads=True)
    except SyncError as error:
        logger.info("A table without its rows was left: %s", error.happened)


def _fill(session: Session, load: FileLoad, table: Table) -> None:
    with load.placing(session) as placing:
        copy(placing, load, table, whole=True)


def _refill(session: Session, load: FileLoad) -> None:
    with load.placing(session) as placing:
        placing.execute(statements.delete_all(load.table), f"delete the earlier rows of {load.table}", loads=True)
        copy(placing, load, load.table, whole=False)


def _put_in_place(session: Session, load: FileLoad, lacking: Sequence[Column] | None, source: Table | None) -> None:
    """The one statement that users see."""
    if lacking is not None:
        try:
            add_columns(session, load, lacking)
            _overwrite(session, load, source)
        except SyncError as error:
            # What was copied into a table with the same types can be refused only where these are others.
            if not is_other_than_known(error) and error.code != "load_rejected":
                raise
        else:
            return
    replace = is_ours(session, load.table, load.marker)
    columns, keeping = load.columns, session.keeping
    made = statements.create_from(load.table, columns, load.comment, source, keeping, replace=replace)
    _put_new(session, load, made, replace=replace)


def _put_new(session: Session, load: FileLoad, made: str, *, replace: bool) -> None:
    """Sends what makes the table anew; raises table_not_ours where it is not to `replace` one, and there is one."""
    if replace:
        load.releases(session, load.columns)
    try:
        session.execute(made, f"put the new rows of {load.table} in place", loads=True)
    except SyncError as error:
        # Not a table, or made a moment ago: in any case somebody else's.
        if not replace and errno_of(error) == TABLE_EXISTS:
            raise not_ours(load.table) from error
        raise


def _overwrite(session: Session, load: FileLoad, source: Table | None) -> None:
    overwrite = statements.insert_overwrite(load.table, load.columns, source)
    answer = session.execute(overwrite, f"put the new rows of {load.table} in place", loads=True)
    said = {name: count for row in answer.rows for name, count in row.items()}
    inserted = int(said.get("number of rows inserted", answer.rowcount))
    deleted = int(said.get("number of rows deleted", 0))
    # The connector adds up what the statement says that it did.
    if inserted not in {load.rows, -1} or answer.rowcount not in {-1, inserted, inserted + deleted}:
        happened = f"INSERT OVERWRITE into {load.table} put {answer.rowcount} rows in place of {load.rows}"
        raise failure("load_not_verified", happened, query_id=answer.query_id)
