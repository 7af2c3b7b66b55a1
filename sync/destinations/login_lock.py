"""The gate before every log-in: one at a time until one succeeds, across threads and hosts.

Five wrong log-ins lock a user's Snowflake account. What has logged in within the last minutes is let through.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from django.db import Error

from sync.destinations import breaker
from sync.destinations.breaker import Login
from sync.errors import DestinationError
from sync.postgres import first_line
from sync.queue import Claim

logger = logging.getLogger(__name__)

# Seconds that a thread waits for somebody else's log-in before it hands its items back, and between two looks.
PATIENCE = 5.0
_LOOK = 0.1


class NotNowError(Exception):
    """The destination is paused, or being tried by somebody else: nothing is wrong with the items."""


class ChangedError(Exception):
    """The destination's settings have changed since they were read: its items are to be claimed again at once."""


@contextmanager
def login_gate(settings_version: int, *, claim: Claim, seconds: float, guard: Callable[[], None]) -> Iterator[None]:
    """Around one log-in, which takes at most `seconds`. A destination that refuses is paused before others may try.

    `settings_version`: that of what it logs in with. A trial that came with the claim was of the settings of then.
    Raises NotNowError, ChangedError, and what the guard raises.
    """
    if settings_version != claim.settings_version:
        claim = replace(claim, settings_version=settings_version, on_trial=False)
    destination, version = claim.configuration_id, claim.settings_version
    ask = partial(breaker.ask_login, destination, seconds=seconds, version=version, on_trial=claim.on_trial)
    taken = admitted(ask, guard) is Login.TAKEN and not claim.on_trial
    try:
        yield
    except DestinationError as error:
        breaker.pause_destination(destination, error, version=version)
        raise
    else:
        _note(claim)
    finally:
        if taken:
            breaker.end_trial(destination, version=version)


def _note(claim: Claim) -> None:
    try:
        breaker.note_login(claim.configuration_id, version=claim.settings_version)
    except Error as error:
        # The connection is there and must not get lost; the next log-in is news again.
        logger.warning("The log-in to destination %s could not be noted: %s", claim.configuration_id, first_line(error))


def admitted(ask: Callable[[], Login], guard: Callable[[], None] = lambda: None) -> Login:
    """Asks until one may log in: FREE or TAKEN. `guard` is called before each time.

    Raises NotNowError, ChangedError, and what the guard raises.
    """
    gives_up_at = time.monotonic() + PATIENCE
    while True:
        guard()
        verdict = ask()
        if verdict in (Login.FREE, Login.TAKEN):
            return verdict
        if verdict is Login.CHANGED:
            raise ChangedError
        if verdict is Login.PAUSED or time.monotonic() > gives_up_at:
            raise NotNowError
        time.sleep(_LOOK)
