"""Warm sessions, kept per destination: a log-in costs a request and, for key pairs, a signature."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from sync.snowflake.session.connection import Guard, Memory, Session, close_quietly, log_in
from sync.snowflake.session.destination import Destination, Limits
from sync.snowflake.session.driver import Connection

LoginLock = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class _Idle:
    connection: Connection
    since: float


class Pool:
    """Thread-safe; a session is in one thread's hands at a time."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._idle: defaultdict[str, list[_Idle]] = defaultdict(list)
        self._memories: defaultdict[str, Memory] = defaultdict(Memory)
        self._closed = False

    @contextmanager
    def session(
        self, destination: Destination, guard: Guard | None = None, login_lock: LoginLock = nullcontext
    ) -> Iterator[Session]:
        """A session for one piece of work; warm if there is one, kept afterwards if it is still
        good.

        Every log-in passes through `login_lock`: the place for the rule that a destination which has not
        logged in since its last change is tried by one connection at a time. Raises SyncError where
        no log-in is possible, and what the lock raises.
        """
        session = Session(
            lambda: self._log_in(destination, login_lock),
            connection=self._take(destination.key),
            guard=guard,
            secrets=destination.credentials.secrets(),
            statement_limit=self.limits.statement,
            memory=self._memory(destination.key),
        )
        try:
            yield session
        finally:
            self._give_back(destination.key, session)

    def close_idle(self, max_age: float) -> int:
        """Closes sessions that nobody used for `max_age` seconds; says how many."""
        oldest = time.monotonic() - max_age
        with self._lock:
            ended = [idle for kept in self._idle.values() for idle in kept if idle.since <= oldest]
            for key, kept in list(self._idle.items()):
                self._idle[key] = [idle for idle in kept if idle.since > oldest]
                if not self._idle[key]:
                    del self._idle[key]
        for idle in ended:
            close_quietly(idle.connection)
        return len(ended)

    def close(self) -> None:
        """Closes all idle sessions; those in use are closed when they come back."""
        with self._lock:
            self._closed = True
        self.close_idle(0)

    def _take(self, key: str) -> Connection | None:
        # The youngest first: the others get old enough to be closed.
        with self._lock:
            kept = self._idle.get(key)
            return kept.pop().connection if kept else None

    def _give_back(self, key: str, session: Session) -> None:
        if session.usable and not session.in_transaction:
            with self._lock:
                if not self._closed:
                    self._idle[key].append(_Idle(session.connection, time.monotonic()))
                    return
        session.close()

    def _memory(self, key: str) -> Memory:
        with self._lock:
            return self._memories[key]

    def _log_in(self, destination: Destination, login_lock: LoginLock) -> Connection:
        with login_lock():
            return log_in(destination, self.limits)
