"""A worker's lease: one heartbeat for all items that it holds, and a clock of its own that tells when it is over."""

import logging
import os
import socket
import threading
import time

from django.db import Error, connection

from sync import queue
from sync.postgres import Unquoted, first_line
from sync.worker.host import Host

logger = logging.getLogger(__name__)


class LeaseLostError(Exception):
    """This worker may count as dead: another worker may have its items by now."""


class StoppingError(Exception):
    """This worker has to end: the load stops before its next statement."""


class Lease:
    """Registers the worker and beats in a thread of its own.

    `check` is called before every statement to Snowflake. It asks no database: it compares a clock that goes on while
    the process, or the machine, is frozen with the last beat that PostgreSQL has acknowledged.
    """

    def __init__(self, seconds: float, concurrency: int, host: Host) -> None:
        self.seconds = seconds
        self.in_flight = 0
        self._concurrency = concurrency
        self._host = host
        self._ends_at = 0.0
        self._stopping = False
        self._ended = threading.Event()
        self.worker_id = 0
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    @property
    def beat(self) -> float:
        """Seconds between two heartbeats."""
        return min(self.seconds / 6, 10.0)

    @property
    def longest_statement(self) -> float:
        """Seconds that a statement to Snowflake may take: it has to end before the lease can."""
        return self.seconds - 3 * self.beat

    @property
    def has_lapsed(self) -> bool:
        return _now() >= self._ends_at

    def start(self) -> None:
        """Registers the worker and begins to beat."""
        self.register()
        self._thread.start()

    def register(self) -> None:
        """A new row for this worker: a lost lease is not revived, since others act on its loss."""
        asked_at = _now()
        self.worker_id = queue.register_worker(socket.gethostname(), os.getpid(), self._concurrency)
        self._ends_at = asked_at + self.seconds

    def check(self, worker_id: int | None) -> None:
        """Raises LeaseLostError or StoppingError if no further statement may be sent for a claim of `worker_id`.

        Items that were claimed under an earlier registration may be another worker's by now.
        """
        if self._stopping:
            raise StoppingError
        if worker_id != self.worker_id or _now() > self._ends_at - self.longest_statement:
            raise LeaseLostError

    def stop_loads(self) -> None:
        """Loads in flight end before their next statement."""
        self._stopping = True

    def end(self, *, sign_off: bool = True) -> None:
        """Ends the beat, and signs off: items that the worker still holds are rescued at once."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        if not sign_off:
            return
        try:
            queue.sign_off(self.worker_id)
        except Error as error:
            logger.warning("The worker could not sign off; its lease ends by itself: %s", first_line(error))

    def _beat(self) -> None:
        while not self._ended.wait(self.beat):
            asked_at = _now()
            try:
                alive = queue.heartbeat(
                    self.worker_id, in_flight=self.in_flight, held_back=self._host.trouble, lease_seconds=self.seconds
                )
            except Error as error:
                logger.warning("Heartbeat failed, trying again: %s", first_line(error))
                connection.close()
                continue
            except Exception as error:
                # Without this thread the lease would be lost again and again, and loads given up with it.
                logger.exception("Heartbeat failed, trying again", exc_info=Unquoted(error))
                connection.close()
                continue
            self._ends_at = asked_at + self.seconds if alive else 0.0
        connection.close()


def _now() -> float:
    """Seconds on a clock that nobody sets and that, if the system has one, goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
