"""Table locks, as Snowflake takes them: a writer keeps its table until its transaction ends.

DuckDB has no locks, it refuses the second writer; so a writer waits here before DuckDB sees it.
INSERT and COPY wait too, which Snowflake would not ask of them: harmless, and simpler.
"""

import threading
import time
from dataclasses import dataclass, field

import snowflake.connector.errors

from sandbox.snowflake.mends.session import Session

Table = tuple[str, str, str]
MAX_WAITERS = 20


@dataclass
class _Lock:
    holder: Session
    waiters: int = 0


@dataclass
class TableLocks:
    """Who writes to what. `abandoned_after`: idle seconds until a waiter may break a lock."""

    abandoned_after: float = 300.0
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _locks: dict[Table, _Lock] = field(default_factory=dict)

    def acquire(self, session: Session, table: Table, timeout: float) -> Session | None:
        """Take the lock; or the holder, whose transaction was abandoned and must be rolled back."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while lock := self._locks.get(table):
                if lock.holder is session:
                    return None
                if self.is_abandoned(lock.holder):
                    return lock.holder
                if lock.waiters >= MAX_WAITERS:
                    raise _locked(table, "the number of waiters for this lock exceeds the 20 statements limit")
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise _locked(table, "it waited longer than LOCK_TIMEOUT")
                lock.waiters += 1
                self._changed.wait(min(remaining, 1.0))
                lock.waiters -= 1
            self._locks[table] = _Lock(session)
        return None

    def release(self, session: Session) -> None:
        with self._changed:
            mine = [table for table, lock in self._locks.items() if lock.holder is session]
            for table in mine:
                del self._locks[table]
            self._changed.notify_all()

    def is_abandoned(self, holder: Session) -> bool:
        """Whether a waiter may break its locks."""
        idle = time.monotonic() - holder.last_used
        return holder.idle and idle > self.abandoned_after


def _locked(table: Table, why: str) -> snowflake.connector.errors.ProgrammingError:
    return snowflake.connector.errors.ProgrammingError(
        msg=f"Statement has locked table '{table[2]}' in a transaction that has not yet released it."
        f"\nYour statement was aborted because {why}.",
        errno=625,
        sqlstate="57014",
    )


locks = TableLocks()
