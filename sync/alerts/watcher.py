"""Looks and sends beside whatever the process is for: in a thread and with a connection of its own."""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import Error, connection

from sync.alerts.look import look
from sync.alerts.outbox import deliver
from sync.postgres import Unquoted, first_line

logger = logging.getLogger(__name__)

# Seconds between two looks into the outbox.
EVERY = 5.0


class Watcher:
    """As long as it is entered, it looks every `interval` seconds, if nobody has for `older`, and sends what is due.

    A worker looks; a web server does where no worker has for a while. Nothing that goes wrong here ends the process, or
    is waited for.
    """

    def __init__(self, *, older: float, interval: float | None = None) -> None:
        self._interval = settings.SYNC_CHECK_INTERVAL if interval is None else interval
        self._older = older
        self._stops = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="alerts", daemon=True)

    @classmethod
    def of_worker(cls, interval: float) -> Self:
        """Beside a worker, whose full passes come so often."""
        return cls(older=interval / 2, interval=interval)

    @classmethod
    def of_web_server(cls) -> Self:
        """Beside a web server: for when workers are silent."""
        return cls(older=max(90.0, 3 * settings.SYNC_CHECK_INTERVAL))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stops.set()
        self._thread.join(EVERY)

    def _watch(self) -> None:
        looks_at = time.monotonic()
        while not self._stops.is_set():
            if time.monotonic() >= looks_at:
                looks_at = time.monotonic() + self._interval
                self._try(look_now=True)
            self._try(look_now=False)
            self._stops.wait(EVERY)
        connection.close()

    def _try(self, *, look_now: bool) -> None:
        try:
            if look_now:
                look(older=self._older)
            else:
                deliver(stops=self._stops.is_set)
        except Error as error:
            logger.warning("PostgreSQL did not take what alerts need, trying again: %s", first_line(error))
            connection.close()
        except Exception as error:
            # Without this thread nobody would be told of anything.
            logger.exception("Alerts could not be looked for or sent, trying again", exc_info=Unquoted(error))
            connection.close()
