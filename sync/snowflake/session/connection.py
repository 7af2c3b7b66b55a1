"""One session in Snowflake: statements go through here, and errors become ours here."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sync.errors import SyncError
from sync.snowflake.session.destination import Destination, Limits
from sync.snowflake.session.driver import Connection, open_connection
from sync.snowflake.session.failures import LOGGING_IN, classify

logger = logging.getLogger(__name__)

Guard = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What Snowflake said: rows by lower-case column name, the query's id, and the rows touched
    (-1: unknown).
    """

    rows: tuple[dict[str, Any], ...]
    query_id: str
    rowcount: int


class Memory:
    """What this process knows of a destination: shared by its sessions, gone with the process."""

    def __init__(self) -> None:
        self.stages: set[str] = set()
        # Threads that begin together would each make the stage.
        self.making_stage = threading.Lock()


class Session:
    """A connection in the hands of one thread, with what was sent through it since it was handed
    out.

    `guard` is called before every statement and stops it by raising. `load_sent` says that a
    statement was sent that changes the target table: from then on what the table holds is not known
    until an answer comes. `usable` is False once the session or its transaction is in doubt.
    """

    def __init__(
        self,
        open_: Callable[[], Connection],
        *,
        connection: Connection | None = None,
        guard: Guard | None = None,
        secrets: tuple[str, ...] = (),
        statement_limit: int = Limits().statement,
        memory: Memory | None = None,
    ) -> None:
        self._open = open_
        self._warm = connection is not None
        self._guard = guard
        self._secrets = secrets
        self._statement_limit = statement_limit
        self.memory = memory or Memory()
        self.statements = 0
        self.query_ids: list[str] = []
        self.load_sent = False
        self.usable = True
        self.in_transaction = False
        self._connection = connection or open_()

    @property
    def connection(self) -> Connection:
        """The connector's connection, for the pool to keep."""
        return self._connection

    def execute(self, sql: str, doing: str, *, loads: bool = False) -> Answer:
        """Sends one statement.

        `doing` says for errors what it is for; `loads`: it changes the target table.

        A session that was waiting in the pool may have ended there. If its very first statement
        says so it logs in again, once; later a temporary table or a transaction would be lost with
        it, so the error goes up. A broken connection goes up, too: the connector has already tried
        again until the time was over. Raises SyncError, and what the guard raises.
        """
        self._ask_guard()
        self.load_sent = self.load_sent or loads
        first = self._warm and not self.statements
        try:
            return self._send(sql, doing)
        except SyncError as error:
            if not first or error.code != "session_lost":
                raise
            logger.info("Snowflake session ended while it was idle; logging in again: %s", error.happened)
        self._log_in_again()
        self._ask_guard()  # a log-in can take longer than the lease had left
        return self._send(sql, doing)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN … COMMIT, and ROLLBACK on whatever is raised. No DDL inside: it would commit."""
        self.execute("BEGIN", "begin a transaction")
        self.in_transaction = True
        try:
            yield
            self.execute("COMMIT", "commit the transaction")
        except BaseException:
            self._roll_back()
            raise
        self.in_transaction = False

    def _roll_back(self) -> None:
        self.in_transaction = False
        if not self.usable:
            return
        try:
            self._send("ROLLBACK", "roll back the transaction")
        except SyncError as error:
            self.usable = False
            logger.warning("Snowflake session discarded: %s", error.happened)

    def attempt(self, sql: str, doing: str) -> bool:
        """Tidying up that must not hide what went wrong before: sends it, whatever the guard says;
        never raises.
        """
        if not self.usable or self.in_transaction:
            return False
        try:
            self._send(sql, doing)
        except SyncError as error:
            logger.info("Not tidied up: %s", error.happened)
            return False
        return True

    def close(self) -> None:
        """Logs out, one try; never raises."""
        self.usable = False
        close_quietly(self._connection)

    def _ask_guard(self) -> None:
        if self._guard:
            self._guard()

    def _send(self, sql: str, doing: str) -> Answer:
        self.statements += 1
        try:
            answer = self._answer(sql)
        except Exception as error:  # noqa: BLE001 -- whatever the connector raises becomes ours here
            failed = classify(error, doing, self._secrets)
        except BaseException:
            self.usable = False
            raise
        else:
            self._note(answer.query_id)
            return answer
        self._note(failed.query_id)
        if failed.entry.ends_session:
            self.usable = False
        # Not within `except`: the connector's own error must not hang on to ours as its context.
        raise failed

    def _note(self, query_id: str) -> None:
        if query_id:
            self.query_ids.append(query_id)

    def _answer(self, sql: str) -> Answer:
        # Never closed: that would wait for the connector's timer while it tries to cancel a late
        # statement, and a cursor holds nothing in Snowflake.
        cursor = self._connection.cursor()
        cursor.execute(sql, timeout=self._statement_limit)
        names = [str(column[0]).lower() for column in cursor.description or ()]
        rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
        rowcount = -1 if cursor.rowcount is None else cursor.rowcount
        return Answer(rows, str(cursor.sfqid or ""), rowcount)

    def _log_in_again(self) -> None:
        close_quietly(self._connection)
        self._warm = False
        self._connection = self._open()
        self.usable = True


def log_in(destination: Destination, limits: Limits) -> Connection:
    """A new connection: one request, no statement. Raises SyncError."""
    started = time.monotonic()
    try:
        connection = open_connection(destination, limits)
    except SyncError:
        raise
    except Exception as error:  # noqa: BLE001 -- as above
        failed = classify(error, f"{LOGGING_IN} account {destination.account}", destination.credentials.secrets())
    else:
        logger.debug("Logged in to Snowflake in %.2f s", time.monotonic() - started)
        return connection
    raise failed


def connect(destination: Destination, limits: Limits | None = None, guard: Guard | None = None) -> Session:
    """A new session outside any pool: one request, no statement. Raises SyncError."""
    chosen = limits or Limits()
    return Session(
        lambda: log_in(destination, chosen),
        guard=guard,
        secrets=destination.credentials.secrets(),
        statement_limit=chosen.statement,
    )


def close_quietly(connection: Connection) -> None:
    """Logs out, one try; never raises."""
    try:
        connection.close(retry=False)
    except Exception:  # noqa: BLE001 -- it is of no use any more, whatever it says
        logger.debug("Closing a Snowflake connection failed")
