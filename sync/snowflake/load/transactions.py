"""Transactions of other sessions: found by their name, and brought to an end that is seen."""

import re

from sync.errors import SyncError, failure
from sync.snowflake import statements
from sync.snowflake.session import Session

# Of what DESCRIBE TRANSACTION says: "committed, rolled back, or still running", and an abort is a rollback.
_ENDED = re.compile("commit|roll|abort", re.IGNORECASE)
# Seconds that a transaction whose session is gone can grow old before Snowflake ends it by itself:
# docs.snowflake.com/en/sql-reference/transactions, Aborting transactions.
OLDEST_TRANSACTION = 4 * 3600


def transaction_name(staged_name: str) -> str:
    """The name of the transaction that loads what is staged under this name."""
    return statements.PREFIX + staged_name.upper()


def current_user(session: Session) -> str:
    """Whose session it is, and whose transactions it sees."""
    (row,) = session.execute(statements.current_user(), "ask whose session it is").rows
    return str(row["user"])


def end_transaction(session: Session, name: str) -> None:
    """Ends what the session's user has running under this name; one that has committed stays as it is.

    SHOW TRANSACTIONS; SYSTEM$ABORT_TRANSACTION and DESCRIBE TRANSACTION where it still ran. Raises load_unsettled
    unless its end was seen, or there was none to end; SyncError where the session is lost.
    """
    try:
        running = session.execute(statements.open_transactions(), "look for an earlier load's transaction").rows
        for row in running:
            if str(row["name"]).upper() == name:
                _end(session, name, int(row["id"]))
    except SyncError as error:
        if error.entry.ends_session or error.code == "load_unsettled":
            raise
        # Whatever Snowflake has against it: nobody may load before the end is seen.
        raise failure("load_unsettled", error.happened, query_id=error.query_id) from error.__cause__


def _end(session: Session, name: str, number: int) -> None:
    session.execute(statements.abort_transaction(number), f"abort the transaction {name} of an earlier load")
    answer = session.execute(statements.describe_transaction(number), f"look at the end of the transaction {name}")
    states = [str(row.get("state")) for row in answer.rows]
    # The words fit one that is still being rolled back, too; that has no time of its end yet.
    ended = [row.get("ended_on") and _ENDED.search(str(row.get("state"))) for row in answer.rows]
    if not states or not all(ended):
        happened = f"The transaction {name} ({number}) of an earlier load has not ended yet: {', '.join(states)}"
        raise failure("load_unsettled", happened, query_id=answer.query_id)
