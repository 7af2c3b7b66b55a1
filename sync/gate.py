"""The gate before every log-in: one at a time until one succeeds, across threads and hosts.

Five wrong log-ins lock a user's Snowflake account. What has logged in within the last minutes is let through.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import Error

from sync import queue
from sync.errors import DestinationError
from sync.queue import Login

logger = logging.getLogger(__name__)

# Seconds that a thread waits for somebody else's log-in before it hands its items back, and between two looks.
PATIENCE = 5.0
_LOOK = 0.1


class NotNowError(Exception):
    """The destination is paused, or being tried by somebody else: nothing is wrong with the items."""


@contextmanager
def login_gate(configuration_id: UUID, *, on_trial: bool, seconds: float, guard: Callable[[], None]) -> Iterator[None]:
    """Around one log-in, which takes at most `seconds`. A destination that refuses is paused before others may try.

    `on_trial`: the claim was given the trial of the destination. Raises NotNowError, and what the guard raises.
    """
    taken = _admitted(configuration_id, on_trial, seconds, guard) is Login.TAKEN and not on_trial
    try:
        yield
    except DestinationError as error:
        queue.pause_destination(configuration_id, error)
        raise
    else:
        _note(configuration_id)
    finally:
        if taken:
            queue.end_trial(configuration_id)


def _note(configuration_id: UUID) -> None:
    try:
        queue.note_login(configuration_id)
    except Error as error:
        # The connection is there and must not get lost; the next log-in is news again.
        logger.warning("The log-in to destination %s could not be noted: %s", configuration_id, str(error).strip())


def _admitted(configuration_id: UUID, on_trial: bool, seconds: float, guard: Callable[[], None]) -> Login:  # noqa: FBT001
    gives_up_at = time.monotonic() + PATIENCE
    while True:
        guard()
        verdict = queue.ask_login(configuration_id, seconds=seconds, on_trial=on_trial)
        if verdict in (Login.FREE, Login.TAKEN):
            return verdict
        if verdict is Login.PAUSED or time.monotonic() > gives_up_at:
            raise NotNowError
        time.sleep(_LOOK)
