"""Transactions by name and number: BEGIN NAME, SHOW and DESCRIBE TRANSACTION, SYSTEM$ABORT_TRANSACTION.

fakesnow knows that a session has one, and no more. What Snowflake says of them: docs.snowflake.com/en/sql-reference/
sql/begin, sql/show-transactions, sql/desc-transaction, functions/system_abort_transaction. It does not say what becomes
of a statement that a session sends after somebody else has aborted its transaction: here, the worst, it is run.
"""

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime

from snowflake.connector.errors import ProgrammingError

from sandbox.snowflake.mends.answers import Answer
from sandbox.snowflake.mends.session import Session

BEGIN_NAME = re.compile(r"\s*(?:BEGIN(?:\s+(?:WORK|TRANSACTION))?|START\s+TRANSACTION)\s+NAME\s+(\w+)\s*;?\s*", re.I)
_SHOW = re.compile(r"\s*SHOW\s+TRANSACTIONS\s*;?\s*", re.IGNORECASE)
_DESCRIBE = re.compile(r"\s*DESC(?:RIBE)?\s+TRANSACTION\s+(-?\d+)\s*;?\s*", re.IGNORECASE)
ABORT = re.compile(r"\s*SELECT\s+SYSTEM\$ABORT_TRANSACTION\(\s*'?(-?\d+)'?\s*\)\s*;?\s*", re.IGNORECASE)
_KEPT = 1000


@dataclass(eq=False)
class Transaction:
    """One that was begun, by BEGIN or by the first change of a session that does not commit by itself."""

    number: int
    name: str
    session: Session
    began: datetime
    state: str = "running"
    ended: datetime | None = None


class Transactions:
    """All of them, of all sessions, the latest last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[int, Transaction] = OrderedDict()

    def begin(self, session: Session, name: str = "") -> None:
        with self._lock:
            number = max(time.time_ns(), next(reversed(self._known), 0) + 1)
            # A system-generated one is a UUID, as anything that nobody would choose is here.
            self._known[number] = Transaction(number, name or f"{number:032x}", session, datetime.now(UTC))
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def end(self, session: Session, *, commit: bool) -> None:
        """The session's transaction, if it has one, has ended."""
        if open_ := self.of(session):
            open_.state, open_.ended = "committed" if commit else "rolled back", datetime.now(UTC)

    def of(self, session: Session) -> Transaction | None:
        """The session's transaction that runs."""
        with self._lock:
            running = (found for found in self._known.values() if found.session is session and not found.ended)
            return next(running, None)

    def of_user(self, number: int, user: str) -> Transaction:
        """The transaction of this number, for the user who began it and nobody else."""
        with self._lock:
            found = self._known.get(number)
        if found is None or found.session.user.lower() != user.lower():
            raise ProgrammingError(
                msg=f"Transaction {number} does not exist or not authorized.", errno=3001, sqlstate="42501"
            )
        return found

    def told(self, command: str, session: Session) -> Answer | None:
        """What SHOW and DESCRIBE answer to this session; None for every other statement."""
        if _SHOW.fullmatch(command):
            with self._lock:
                mine = [found for found in self._known.values() if not found.ended and _same_user(found, session)]
            return Answer(
                {"id": 0, "user": "", "session": 0, "name": "", "started_on": "", "state": "", "scope": 0},
                [(t.number, t.session.user.upper(), t.session.number, t.name, str(t.began), t.state, 0) for t in mine],
            )
        if found := _DESCRIBE.fullmatch(command):
            t = self.of_user(int(found[1]), session.user)
            row = (t.number, t.session.user.upper(), t.session.number, str(t.began), t.state, str(t.ended or ""))
            return Answer({"id": 0, "user": "", "session": 0, "started_on": "", "state": "", "ended_on": ""}, [row])
        return None


def _same_user(found: Transaction, session: Session) -> bool:
    return found.session.user.lower() == session.user.lower()


transactions = Transactions()
