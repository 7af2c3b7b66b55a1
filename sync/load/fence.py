"""Loads that may take longer than their worker's lease: a named transaction for each, noted before it begins.

A worker that is lost may still have a statement under way, or send the next one late. Its transaction is found by the
name, ended, and its end seen by whoever takes its items over, before anything is loaded again.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

from django.db import Error
from django.utils import timezone

from sync.destinations import Access
from sync.errors import failure
from sync.postgres import first_line
from sync.queue import Claim, OpenLoad, forget_open_load, have_ended_with, note_open_load
from sync.snowflake import statements
from sync.snowflake.load import OLDEST_TRANSACTION, current_user, end_transaction, transaction_name
from sync.snowflake.session import Limits, Session
from sync.snowflake.statements import Table

logger = logging.getLogger(__name__)

# Compressed bytes that COPY loads in a second, at the least. The smallest warehouse takes ten times as many, and has
# the rest of the time for statements that come before ours.
SLOWEST = 256 * 1024
# An hour more than Snowflake takes, since clocks may differ.
_ORPHANED = timedelta(seconds=OLDEST_TRANSACTION, hours=1)


def takes_long(claims: Sequence[Claim], size: int, limits: Limits) -> bool:
    """Whether a load of so many bytes may need more time than statements have by the lease, or an earlier try did."""
    # Snowflake may call a statement that ran out of its time a cancelled one.
    return size > SLOWEST * limits.statement or have_ended_with(claims, "statement_timeout", "statement_cancelled")


@contextmanager
def fenced(
    access: Access, claims: Sequence[Claim], table: Table, directory: str, use: Callable[[Session], object]
) -> Iterator[Session]:
    """A session in a named transaction, which commits at the end of the block; `use` is told of the session.

    Raises ClaimLostError before anything is begun, SyncError, and what the guard raises.
    """
    with access.fenced_session() as session:
        use(session)
        # What runs last ends by its limit, and an idle transaction by itself.
        ends_by = timezone.now() + timedelta(seconds=access.limits.for_fenced.statement) + _ORPHANED
        name = transaction_name(directory)
        load = OpenLoad(ends_by, name, _whose(session), table.database, table.schema, directory)
        note_open_load(claims, load)
        try:
            with session.transaction(name):
                yield session
        finally:
            if session.usable:
                _forget(claims, load)


def settle(opened: AbstractContextManager[Session], claims: Sequence[Claim], load: OpenLoad) -> None:
    """Sees to it that an earlier load of these items has ended, and that what it staged is not there for a late COPY.

    The session is `opened` only for what can be seen in Snowflake. Raises load_unsettled if the end cannot be known
    yet, SyncError, and what opening it raises.
    """
    if load.transaction:
        with opened as session:
            _end(session, load)
    else:
        _wait_for(load, "a statement that was given up")
    _forget(claims, load)


def _whose(session: Session) -> str:
    """Users of two accounts may have one name, and see nothing of each other."""
    return f"{current_user(session)} of the account {session.account}"


def _end(session: Session, load: OpenLoad) -> None:
    user = _whose(session)
    if user == load.user:
        # Not waited for where it is refused: the stage may have gone, or its database.
        unstage = statements.remove(Table(load.database, load.schema, ""), load.directory)
        session.tidy_up(unstage, "remove the staged file of an earlier load")
        end_transaction(session, load.transaction)
    else:
        _wait_for(load, f"the transaction {load.transaction} of the user {load.user}, which {user} cannot see")


def _wait_for(load: OpenLoad, what: str) -> None:
    if timezone.now() < load.ends_by:
        ended = f"It has ended by {load.ends_by:%Y-%m-%d %H:%M:%S} UTC"
        raise failure("load_unsettled", f"An earlier load may still run in Snowflake: {what}. {ended}")


def _forget(claims: Sequence[Claim], load: OpenLoad) -> None:
    try:
        forget_open_load(claims, load)
    except Error as error:
        logger.info("The end of the transaction %s was not written down: %s", load.transaction, first_line(error))
