"""Loads into a table that many executions share.

DELETEs of one table wait for each other in Snowflake, at most 20 of them (000625), and COPYs do not
(docs.snowflake.com/en/sql-reference/transactions): what was never there is not deleted.
"""

from collections.abc import Collection, Sequence

from sync.errors import SyncError, failure
from sync.snowflake import statements
from sync.snowflake.identifiers import OWN_COLUMNS
from sync.snowflake.load.growing import widen_columns
from sync.snowflake.load.stage import FileLoad, copy, with_staged_file
from sync.snowflake.load.table import add_columns, make_table
from sync.snowflake.session import Session, is_other_than_known


def load_shared(
    session: Session, load: FileLoad, execution_ids: Sequence[str], *, earlier: Collection[str], shape_known: bool
) -> None:
    """Puts these executions' rows beside other executions' rows, in the place of those that `earlier` may have there.

    PUT, COPY: 2 for a whole batch; PUT, BEGIN, DELETE, COPY, COMMIT where there are earlier ones; nothing, or DELETE
    alone, without rows; CREATE, PUT, COPY where there is no table yet. What is `fenced` has BEGIN and COMMIT in any
    case. `shape_known`: the table is known to be ours and to have these columns. Otherwise, and when Snowflake says
    that this is no longer so, it is made or given the columns it lacks first: DDL would commit the transaction. Raises
    table_not_ours, table_conflict, SyncError of statements.
    """
    if shape_known:
        try:
            _put(session, load, execution_ids, earlier)
        except SyncError as error:
            if not is_other_than_known(error):
                raise
        else:
            return
    is_new = make_fit(session, load)
    _put(session, load, execution_ids, () if is_new else earlier)


def make_fit(session: Session, load: FileLoad) -> bool:
    """Makes the table (True), or adds the columns it lacks. Raises table_not_ours and table_conflict."""
    if make_table(session, load, loads=False):
        return True
    there = widen_columns(session, load.table, load.columns, load.releases)
    if OWN_COLUMNS[0] not in there:
        raise failure(
            "table_conflict",
            f"{load.table} has no column {OWN_COLUMNS[0]} any more, which said whose rows are whose",
            remedy="Drop or rename the table in Snowflake, and load its executions again.",
        )
    add_columns(session, load, [column for column in load.columns if column.name not in there])
    return False


def _put(session: Session, load: FileLoad, execution_ids: Sequence[str], earlier: Collection[str]) -> None:
    if not load.rows:
        if earlier:
            _delete(session, load, earlier)
    else:
        with_staged_file(session, load, lambda: _replace(session, load, execution_ids, earlier))


def _replace(session: Session, load: FileLoad, execution_ids: Sequence[str], earlier: Collection[str]) -> None:
    try:
        with load.placing(session, together=bool(earlier)) as placing:
            if earlier:
                _delete(placing, load, earlier)
            _copy(placing, load)
    except SyncError as error:
        if error.code == "load_not_verified" and not earlier and not load.fenced:  # but committed
            session.tidy_up(_deletion(load, execution_ids), "take away what was loaded")
        raise


def _copy(session: Session, load: FileLoad) -> None:
    # Somebody else may give it columns at any moment, even if it was made for this load.
    copy(session, load, load.table, whole=False)


def _delete(session: Session, load: FileLoad, execution_ids: Collection[str]) -> None:
    session.execute(_deletion(load, execution_ids), f"delete the earlier rows of {load.table}", loads=True)


def _deletion(load: FileLoad, execution_ids: Collection[str]) -> str:
    return statements.delete_executions(load.table, OWN_COLUMNS[0], execution_ids)
