"""Keeps the lines fresh while somebody asks for them, so that nobody who asks waits for a pass over a large queue."""

import logging
import threading
import time

from django.db import Error, connection

from sync.postgres import first_line
from sync.reporting.statistics.making import FRESH, Age, age, make_if_older

logger = logging.getLogger(__name__)

# Seconds after the last question in which another one is expected.
WATCHED = 900.0
# Made anew when so much of their time is over: a pass is done before the rest is.
EARLY = 0.7


class Keeper:
    """A thread of this process that begins with a question and ends when there have been none for some minutes.

    Keepers of several processes take turns: whoever comes second finds that there is nothing to do.
    """

    def __init__(self, watched: float = WATCHED) -> None:
        self._watched = watched
        self._until = 0.0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def asked(self) -> None:
        """Somebody has asked, and will again."""
        with self._lock:
            self._until = time.monotonic() + self._watched
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="statistics", daemon=True)
                self._thread.start()

    def join(self, timeout: float) -> None:
        """Waits for the thread to end."""
        if thread := self._thread:
            thread.join(timeout)

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
        """Makes the lines anew where it is time to; seconds until it is time again."""
        try:
            make_if_older(EARLY, wait=False)
            found = age() or Age(0.0, 0.0)
        except Error as error:
            logger.warning("Statistics could not be kept fresh, trying again: %s", first_line(error))
            connection.close()
            return FRESH
        return min(max(EARLY * found.limit - found.seconds, 0.05), self._watched)


keeper = Keeper()
