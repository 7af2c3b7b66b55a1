"""Looks, beside a worker, at what is in destinations against what was loaded: in a thread with sessions of its own."""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import Error, connection

from sync.destinations import ChangedError, NotNowError
from sync.errors import SyncError
from sync.postgres import Unquoted, first_line
from sync.snowflake.session import Limits, Pool
from sync.warehouse import BusyError, GivenUpError, destination_due, reconcile

logger = logging.getLogger(__name__)

# Seconds that a statement of a look may take, and that a stop waits for it.
STATEMENT, PATIENCE = 120, 5.0


class Looker:
    """As long as it is entered, it looks every `interval` seconds whether a destination is to be looked at.

    Nothing that goes wrong here ends the worker, or is waited for.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._stops = threading.Event()
        self._thread = threading.Thread(target=self._look, name="looks", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stops.set()
        self._thread.join(PATIENCE)

    def _look(self) -> None:
        while not self._stops.wait(self._interval):
            while not self._stops.is_set() and look_once(self._guard):
                pass
            # It is needed for a moment of many.
            connection.close()

    def _guard(self) -> None:
        if self._stops.is_set():
            raise GivenUpError


def look_once(guard: Callable[[], None] = lambda: None) -> bool:
    """Looks at one destination, if one is to be looked at. What is in its way is noted there."""
    pool, due = Pool(Limits(statement=STATEMENT)), None
    try:
        due = destination_due()
        if due is not None:
            reconcile(due, pool, guard)
            return True
    except (BusyError, NotNowError, ChangedError, GivenUpError) as error:
        logger.info("A destination was not looked at now: %s", error)
    except SyncError as error:
        logger.warning("Destination %s could not be looked at: %s", due, error)
    except Error as error:
        logger.warning("PostgreSQL did not take what a look needs, trying again: %s", first_line(error))
        connection.close()
    except Exception as error:
        logger.exception("Destinations could not be looked at, trying again", exc_info=Unquoted(error))
        connection.close()
    finally:
        pool.close()
    return False
