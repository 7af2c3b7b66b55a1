"""The lock around every log-in: one at a time until one succeeds, across threads and hosts.

Five wrong log-ins in a row lock a user in Snowflake for some minutes. A destination that has logged in within the last
minutes needs no lock. Refused credentials are tried twice and no more: by workers until the credentials change, by
people within a quarter of an hour, unless the credentials change (see migrations_sql/0008_destination_states).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db.models import Case, F, Value, When
from django.db.models.functions import Now

from accounts.models import DestinationState, SnowflakeConfiguration
from sync.destinations import breaker
from sync.destinations.breaker import Login
from sync.destinations.not_done import NotNowError
from sync.errors import SyncError

# Seconds that a thread waits for somebody else's log-in before it hands its items back, and between two looks.
PATIENCE = 5.0
_LOOK = 0.1
# Log-ins by hand that may be refused, and the time within which they are counted.
REFUSALS = 2
WITHIN = timedelta(minutes=15)


class ChangedError(Exception):
    """The destination's settings have changed since they were read: its items are to be claimed again at once."""


@contextmanager
def login_by_hand(configuration: SnowflakeConfiguration, *, seconds: float, in_use: bool = True) -> Iterator[None]:
    """Around one log-in for somebody who waits. Refused credentials that are `in_use` pause the destination.

    Raises NotNowError if somebody else is trying it, or if another refusal could lock the user.
    """
    destination, version = configuration.pk, configuration.state.settings_version
    try:
        admitted(partial(breaker.ask_login, destination, seconds=seconds, version=version, by_hand=True))
    except ChangedError:
        raise NotNowError("The destination has just been changed. Try again.") from None
    try:
        _check_budget(configuration)
        yield
    except SyncError as error:
        if error.entry.refuses:
            _count_refusal(configuration)
            if in_use:
                breaker.pause_destination(destination, error, version=version)
        raise
    finally:
        breaker.end_trial(destination, version=version)


def admitted(ask: Callable[[], Login], guard: Callable[[], None] = lambda: None) -> Login:
    """Asks until a log-in is allowed: FREE or TAKEN. `guard` is called before each time.

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
            raise NotNowError(
                "Somebody else is trying the log-in to this destination, and one goes at a time until one succeeds. "
                "Try again in a minute."
            )
        time.sleep(_LOOK)


def _check_budget(configuration: SnowflakeConfiguration) -> None:
    spent = DestinationState.objects.filter(
        pk=configuration.pk, check_refusals__gte=REFUSALS, check_refused_at__gt=Now() - WITHIN
    ).first()
    if spent is not None and spent.check_refused_at is not None:
        again = spent.check_refused_at + WITHIN
        raise NotNowError(
            f"Snowflake has refused these credentials {spent.check_refusals} times in a quarter of an hour; after five "
            f"times in a row it locks the user. Enter other credentials, or try again after {again:%H:%M} UTC."
        )


def _count_refusal(configuration: SnowflakeConfiguration) -> None:
    recent = When(check_refused_at__gt=Now() - WITHIN, then=F("check_refusals") + 1)
    first = When(check_refused_at__gt=Now() - WITHIN, then=F("check_refused_at"))
    # If the settings have changed meanwhile, the refusal says nothing of the present ones.
    version = configuration.state.settings_version
    DestinationState.objects.filter(pk=configuration.pk, settings_version=version).update(
        check_refusals=Case(recent, default=Value(1)), check_refused_at=Case(first, default=Now())
    )
