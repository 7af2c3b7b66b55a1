"""The counts of a large queue, and of what failed in it: made by a pass, for whoever asks first, fresh for seconds.

The counts can be made again from the queue at any time, and no change of an item updates them. While somebody goes on
asking, a thread keeps them fresh, so that nobody who asks waits for a pass.
"""

import logging
import threading
import time
from datetime import datetime
from typing import NamedTuple

from django.db import Error, connection, transaction

from sync.postgres import fetch, first_line, read_sql

logger = logging.getLogger(__name__)

# Seconds that counts may be old; if a pass takes long, the time of FRESH_PASSES passes: then passes never take more
# than a fifth of a processor.
FRESH = 5.0
FRESH_PASSES = 5
# For a hundred thousand failures, so that they are joined and grouped without temporary files.
MEMORY = "64MB"
# Seconds after the last question in which another one is expected.
WATCHED = 900.0
# The keeper makes the counts anew when this share of their time is over, so that the pass ends before the time does.
EARLY = 0.7

COUNT, FAILED, GROUPED, _MAKE, _MAKE_GROUPS, _BEGIN, _AGE = read_sql(
    __file__, "count", "failed", "grouped", "make", "make_groups", "begin", "age"
)


class Age(NamedTuple):
    """Seconds since the counts were made, and how long that took."""

    seconds: float
    took: float

    @property
    def limit(self) -> float:
        """Seconds that the counts may be old."""
        return max(FRESH, FRESH_PASSES * self.took)

    @property
    def is_fresh(self) -> bool:
        """Whether the counts are still young enough to be used."""
        return self.seconds <= self.limit


def age(lock: str = "", *, now: datetime | None = None) -> Age | None:
    """How old the counts are; None if none have been made since PostgreSQL last crashed."""
    rows = fetch(f"{_AGE} {lock}", {"now": now})
    return Age(*rows[0]) if rows else None


def make_if_older(share: float = 1.0, *, wait: bool = True, now: datetime | None = None) -> bool:
    """Makes the counts anew if they are older than this share of what they may be; one caller at a time.

    With `wait`, a second caller waits for the first and uses its counts; without, the second caller returns False.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling the statement would take longer than a small pass does.
        cursor.execute("SET LOCAL jit = off")
        if age(now=now) is None:
            cursor.execute(_BEGIN)
        found = age("FOR UPDATE" if wait else "FOR UPDATE SKIP LOCKED", now=now)
        if found and found.seconds > share * found.limit:
            cursor.execute(_MAKE, {"now": now})
            cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
            cursor.execute(_MAKE_GROUPS)
        return found is not None


class _Keeper:
    """A thread of this process that begins with a question and ends when nobody has asked for some minutes.

    Keepers of several processes take turns: whichever comes second finds the counts fresh.
    """

    def __init__(self) -> None:
        self._until = 0.0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def asked(self) -> None:
        """Notes that somebody has asked, and will ask again: starts the thread, or keeps it alive."""
        with self._lock:
            self._until = time.monotonic() + WATCHED
            if self._thread is None:
                thread = threading.Thread(target=self._keep, name="kept counts", daemon=True)
                thread.start()
                # Now that there is one: a host may have no thread left.
                self._thread = thread

    def _keep(self) -> None:
        try:
            while self._is_wanted():
                time.sleep(self._step())
        finally:
            connection.close()
            with self._lock:
                if self._thread is threading.current_thread():
                    self._thread = None

    def _is_wanted(self) -> bool:
        with self._lock:
            if time.monotonic() < self._until:
                return True
            self._thread = None
            return False

    def _step(self) -> float:
        """Makes the counts anew if it is time to. Returns the seconds until it is time again."""
        try:
            make_if_older(EARLY, wait=False)
            found = age() or Age(0.0, 0.0)
        except Error as error:
            logger.warning("Counts could not be kept fresh, trying again: %s", first_line(error))
            connection.close()
            return FRESH
        return min(max(EARLY * found.limit - found.seconds, 0.05), WATCHED)


keeper = _Keeper()
