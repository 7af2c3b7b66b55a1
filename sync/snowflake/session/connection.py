"""One session in Snowflake: statements go through here, and errors become ours here."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from sync.errors import SyncError
from sync.snowflake import statements
from sync.snowflake.keeping import Keeping
from sync.snowflake.session.destination import Destination, Limits
from sync.snowflake.session.driver import Connection, execute, open_connection
from sync.snowflake.session.failures import LOGGING_IN, classify, is_answer
from sync.snowflake.session.tagging import query_tag
from sync.telemetry import note, span

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Guard = Callable[[], None]
LoginLock = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What Snowflake said: rows by lower-case column name, the query's id, and the rows touched (-1: unknown)."""

    rows: tuple[dict[str, Any], ...]
    query_id: str
    rowcount: int


@dataclass
class Memory:
    """What this process knows of a destination: shared by its sessions, gone with the process."""

    stages: set[str] = field(default_factory=set)
    # Threads that begin together would each make the stage.
    making_stage: threading.Lock = field(default_factory=threading.Lock)


class Session:
    """A connection in the hands of one thread, with what was sent through it since it was handed out.

    One that is not given a `connection` that is already open logs in: one request, no statement. Every log-in passes
    through `login_lock`. `guard` is called before every statement and stops it by raising. `load_sent` says that a
    statement was sent that changes the target table: from then on what the table holds is not known until an answer
    comes; `loading`, that such a statement is under way, or may be, because its answer was lost. `usable` is False once
    the session or its transaction is in doubt. `about` is set by whoever opens it: what its statements are for, as
    their query tag says it. Raises SyncError, and what the lock raises.
    """

    def __init__(
        self,
        destination: Destination,
        limits: Limits | None = None,
        *,
        guard: Guard = lambda: None,
        login_lock: LoginLock = nullcontext,
        connection: Connection | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._destination = destination
        self._limits = limits or Limits()
        self._guard = guard
        self._login_lock = login_lock
        self._warm = connection is not None
        self.memory = memory or Memory()
        self.about: Mapping[str, str | int] = {}
        self.statements = 0
        self.query_ids: list[str] = []
        self.load_sent = False
        self.loading = False
        self.usable = True
        self.in_transaction = False
        # The connector's; the pool keeps it.
        self.connection = connection or self._log_in()

    def execute(self, sql: str, doing: str, *, loads: bool = False, values: Sequence[str] = ()) -> Answer:
        """Sends one statement.

        `doing` says for errors what it is for; `loads`: it changes the target table; `values` are for its question
        marks.

        A session that was waiting in the pool may have ended there. If its very first statement
        says so it logs in again, once; later a temporary table or a transaction would be lost with
        it, so the error goes up. A broken connection goes up, too: the connector has already tried
        again until the time was over. Raises SyncError, and what the guard raises.
        """
        self._guard()
        self.load_sent = self.load_sent or loads
        first = self._warm and not self.statements
        try:
            return self._send(sql, doing, loads=loads, values=values)
        except SyncError as error:
            if not first or error.code != "session_lost":
                raise
            logger.info("Snowflake session ended while it was idle; logging in again: %s", error.happened)
        self.loading = False
        close_quietly(self.connection)
        self.connection = self._log_in()
        self.usable = True
        self._guard()  # a log-in can take longer than the lease had left
        return self._send(sql, doing, loads=loads, values=values)

    @property
    def account(self) -> str:
        """The account, as it was given, in small letters."""
        return self._destination.account.lower()

    @property
    def keeping(self) -> Keeping:
        """What kind of tables are made here."""
        return self._destination.keeping

    @property
    def is_fenced(self) -> bool:
        """Whether nothing that was sent through it takes effect without a COMMIT."""
        return not self._destination.commits_by_itself

    @contextmanager
    def transaction(self, name: str = "") -> Iterator[Self]:
        """BEGIN … COMMIT, and ROLLBACK on whatever is raised. No DDL inside: it would commit."""
        self.execute(statements.begin(name), "begin a transaction")
        self.in_transaction = True
        try:
            yield self
            self.execute("COMMIT", "commit the transaction", loads=True)
        except BaseException:
            self.in_transaction = False
            if not self.tidy_up("ROLLBACK", "roll back the transaction"):
                self.usable = False
            raise
        self.in_transaction = False

    def tidy_up(self, sql: str, doing: str) -> bool:
        """Tidying up that must not hide what went wrong before: sends it, whatever the guard says; never raises."""
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
        close_quietly(self.connection)

    def _log_in(self) -> Connection:
        with self._login_lock():
            started = time.monotonic()
            doing = f"{LOGGING_IN} account {self._destination.account}"
            with span("log in"):
                connection = self._translated(lambda: open_connection(self._destination, self._limits), doing)
        logger.debug("Logged in to Snowflake in %.2f s", time.monotonic() - started)
        return connection

    def _send(self, sql: str, doing: str, *, loads: bool = False, values: Sequence[str] = ()) -> Answer:
        with span(sql.partition(" ")[0].lower()):
            return self._sent(sql, doing, loads=loads, values=values)

    def _sent(self, sql: str, doing: str, *, loads: bool, values: Sequence[str]) -> Answer:
        self.statements += 1
        self.loading = loads
        try:
            answer = self._translated(lambda: self._answer(sql, values), doing)
        except SyncError as error:
            self._note(error.query_id)
            self.loading = loads and not is_answer(error)
            if error.entry.ends_session:
                self.usable = False
            raise
        except BaseException:
            self.usable = False
            raise
        self.loading = False
        self._note(answer.query_id)
        return answer

    def _note(self, query_id: str) -> None:
        if query_id:
            self.query_ids.append(query_id)
            note(query_id=query_id)

    def _translated(self, work: Callable[[], Result], doing: str) -> Result:
        """Does the work; whatever the connector raises becomes ours."""
        try:
            return work()
        except SyncError:
            raise
        except Exception as error:  # noqa: BLE001 -- see above
            failed = classify(error, doing, self._destination.credentials.secrets())
        # Not within `except`: the connector's own error must not hang on to ours as its context.
        raise failed

    def _answer(self, sql: str, values: Sequence[str]) -> Answer:
        cursor = execute(self.connection, sql, self._limits.statement, query_tag(self.about), values)
        names = [str(column[0]).lower() for column in cursor.description or ()]
        rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
        rowcount = -1 if cursor.rowcount is None else cursor.rowcount
        return Answer(rows, str(cursor.sfqid or ""), rowcount)


def close_quietly(connection: Connection) -> None:
    """Logs out, one try; never raises."""
    try:
        connection.close(retry=False)
    except Exception:  # noqa: BLE001 -- it is of no use any more, whatever it says
        logger.debug("Closing a Snowflake connection failed")
