"""Warm sessions, kept per destination: a log-in costs a request and, for key pairs, a signature."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace

from sync.snowflake.session.connection import Guard, LoginLock, Memory, Session, close_quietly
from sync.snowflake.session.destination import Destination, Limits
from sync.snowflake.session.driver import Connection

# Seconds that whoever closes a pool waits for its log-outs.
PATIENCE = 3.0


class Pool:
    """Thread-safe; a session is in one thread's hands at a time."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        # Connections that nobody uses, and since when; the youngest are the last.
        self._idle: defaultdict[str, list[tuple[Connection, float]]] = defaultdict(list)
        self._memories: defaultdict[str, Memory] = defaultdict(Memory)
        self._closed = False

    @contextmanager
    def session(
        self, destination: Destination, guard: Guard = lambda: None, login_lock: LoginLock = nullcontext
    ) -> Iterator[Session]:
        """A session for one piece of work; warm if there is one, kept afterwards if it is still good.

        Every log-in passes through `login_lock`: the place for the rule that a destination which has not
        logged in since its last change is tried by one connection at a time. Raises SyncError where
        no log-in is possible, and what the lock raises.
        """
        with self._lock:
            memory = self._memories[destination.key]
            idle = self._idle[destination.key]
            # The youngest first: the others get old enough to be closed.
            connection = idle.pop()[0] if idle else None
        session = Session(
            destination, self.limits, guard=guard, login_lock=login_lock, connection=connection, memory=memory
        )
        try:
            yield session
        finally:
            self._give_back(destination.key, session)

    @contextmanager
    def fenced_session(
        self, destination: Destination, guard: Guard = lambda: None, login_lock: LoginLock = nullcontext
    ) -> Iterator[Session]:
        """A session of its own for one named transaction, whose statements may take `limits.fenced` seconds.

        It does not commit by itself: where somebody else has ended the transaction, what is still sent begins another
        one, which nobody commits. Never a warm one, and never kept: to change that for a session commits what is open
        (docs.snowflake.com/en/sql-reference/transactions, AUTOCOMMIT).
        """
        alone = replace(destination, commits_by_itself=False)
        session = Session(alone, self.limits.for_fenced, guard=guard, login_lock=login_lock)
        try:
            yield session
        finally:
            session.close()

    def close_idle(self, max_age: float) -> int:
        """Ends sessions that nobody used for `max_age` seconds, and waits for none; says how many."""
        ended = self._take_idle(max_age)
        _log_out(ended)
        return len(ended)

    def close(self) -> None:
        """Ends all idle sessions, and those in use when they come back. Waits for all log-outs PATIENCE at most."""
        with self._lock:
            self._closed = True
        gives_up_at = time.monotonic() + PATIENCE
        for thread in _log_out(self._take_idle(0)):
            thread.join(max(0.0, gives_up_at - time.monotonic()))

    def _take_idle(self, max_age: float) -> list[Connection]:
        """Those that are so old; the pool has them no more."""
        oldest = time.monotonic() - max_age
        ended: list[Connection] = []
        with self._lock:
            for key, idle in list(self._idle.items()):
                ended += [connection for connection, since in idle if since <= oldest]
                self._idle[key] = [(connection, since) for connection, since in idle if since > oldest]
                if not self._idle[key]:
                    del self._idle[key]
        return ended

    def _give_back(self, key: str, session: Session) -> None:
        if session.usable and not session.in_transaction:
            with self._lock:
                if not self._closed:
                    self._idle[key].append((session.connection, time.monotonic()))
                    return
        session.close()


def _log_out(ended: Sequence[Connection]) -> list[threading.Thread]:
    """Each on a thread of its own, which keeps no process alive.

    Where nobody answers, a log-out takes the socket's minute, whatever the connector is told. A session that is not
    logged out ends by itself.
    """
    threads = [threading.Thread(target=close_quietly, args=(each,), name="log-out", daemon=True) for each in ended]
    for thread in threads:
        thread.start()
    return threads
