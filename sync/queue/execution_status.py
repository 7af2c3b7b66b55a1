"""What an execution says of its sync: the `snowflake_*` columns, derived from its items."""

import json
import logging
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError, transaction
from django.db.backends.utils import CursorWrapper

from sync.postgres import first_line, read_sql, short_transaction

logger = logging.getLogger(__name__)

_LOCK, _REFRESH, _WITHDRAW, _VERSIONS, _STILL_SEEN = read_sql(
    __file__, "lock", "refresh", "withdraw", "versions", "still_seen"
)
# Executions that are written in one transaction: so few that the application waits for none of them for long.
PER_TRANSACTION = 100

# How the application's table can refuse what is written there: a CHECK, a type, a trigger of its own that raises.
Refusals = (DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError)

# Constraints that the application deferred to the commit would otherwise be refused together with all else.
_CHECKED_NOW = "SET CONSTRAINTS ALL IMMEDIATE"


class Withdrawn(NamedTuple):
    """A result that was taken out of its table, and the schema and table that the application had asked for."""

    execution_id: str
    table_name: str | None
    requested_schema: str | None
    requested_table: str | None


def lock_executions(cursor: CursorWrapper, execution_ids: Iterable[str], *, skip_locked: bool = False) -> set[str]:
    """Takes the executions' row locks, in order. Returns the executions that it locked."""
    cursor.execute(f"{_LOCK} {'SKIP LOCKED' if skip_locked else ''}", [list(execution_ids)])
    return {row[0] for row in cursor.fetchall()}


def write_status(cursor: CursorWrapper, execution_ids: Iterable[str], withdrawn: Sequence[Withdrawn] = ()) -> None:
    """Writes what became of these executions, which are locked, into their own rows, in the caller's transaction.

    What is `withdrawn` is no longer named there.

    Afterwards an item that had seen an execution's version before our own write has seen the version after it.
    """
    cursor.execute(_VERSIONS, [list(execution_ids)])
    before = cursor.fetchall()
    _refresh(cursor, [row[0] for row in before], withdrawn)
    cursor.execute(_STILL_SEEN, [[row[0] for row in before], [row[1] for row in before]])


def _refresh(cursor: CursorWrapper, ids: Sequence[str], withdrawn: Sequence[Withdrawn]) -> None:
    """If the application refuses an execution's status, items still end, and other executions get their status."""
    try:
        with transaction.atomic():
            if gone := [one._asdict() for one in withdrawn if one.execution_id in ids]:
                cursor.execute(_WITHDRAW, [json.dumps(gone)])
            cursor.execute(f"{_REFRESH}; {_CHECKED_NOW}", [list(ids)])
    except Refusals as error:
        if len(ids) == 1:
            logger.error("Execution %s does not take its snowflake_* columns: %s", ids[0], first_line(error))  # noqa: TRY400
            return
        for execution_id in ids:
            _refresh(cursor, [execution_id], withdrawn)


def update_execution_status(execution_ids: Sequence[str], *, tries: int = 3) -> None:
    """Refreshes executions whose items were changed together, some at a time.

    Waits for nobody while it holds a lock: an execution that the application is writing is tried again, and gets its
    status with the item's next change at the latest.
    """
    left = set(execution_ids)
    for number in range(tries):
        ids = sorted(left)
        for start in range(0, len(ids), PER_TRANSACTION):
            with short_transaction() as cursor:
                locked = lock_executions(cursor, ids[start : start + PER_TRANSACTION], skip_locked=True)
                write_status(cursor, locked)
            left -= locked
        if not left:
            return
        time.sleep(0.05 * 2**number)
