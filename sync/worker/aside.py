"""What a worker does beside loads: on a thread of its own, so that no load waits for it."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from django.db import Error, connection

from sync import warehouse
from sync.activity import acting
from sync.postgres import Unquoted, explained, first_line
from sync.snowflake.session import Pool
from sync.worker.lease import LeaseLostError, StoppingError

logger = logging.getLogger(__name__)

# Seconds between two looks: a catalogue that may be written again is to be, while its warehouse is awake.
_INTERVAL = 10.0


class Aside:
    """Writes the catalogues of destinations, and keeps to their retention.

    `guard` is called before every statement to Snowflake, and stops it.
    """

    def __init__(self, pool: Pool, guard: Callable[[], None]) -> None:
        self._pool = pool
        self._guard = guard
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="aside")
        self._work: Future[None] | None = None
        self._stopping = False
        self._next = 0.0

    @property
    def is_busy(self) -> bool:
        return self._work is not None and not self._work.done()

    def begin(self) -> None:
        """Looks whether there is something to do, unless it is being done, or was looked for a moment ago."""
        if time.monotonic() >= self._next and not self.is_busy:
            self._next = time.monotonic() + _INTERVAL
            self._work = self._thread.submit(self._do, warehouse.EVERY)

    def finish(self, then: Callable[[], None]) -> None:
        """Does all that is to do now, and calls `then`."""
        self._work = self._thread.submit(self._do, 0.0)
        self._work.add_done_callback(lambda _: then())

    def stop(self, seconds: float) -> bool:
        """Ends before the next statement; whether the one under way has ended within `seconds`."""
        self._stopping = True
        left = wait([self._work] if self._work else [], seconds).not_done
        self._thread.shutdown(wait=not left, cancel_futures=True)
        return not left

    def _do(self, every: float) -> None:
        try:
            with acting("worker"):
                warehouse.tidy()
                warehouse.publish_due(self._pool, self._check, every=every)
                warehouse.keep_to_retention(self._pool, self._check)
        except (StoppingError, LeaseLostError):
            return
        except Error as error:
            logger.warning("What is beside loads is done later: %s", explained(error) or first_line(error))
        except Exception as error:
            logger.exception("What is beside loads is done later", exc_info=Unquoted(error))
        finally:
            connection.close()

    def _check(self) -> None:
        if self._stopping:
            raise StoppingError
        self._guard()
