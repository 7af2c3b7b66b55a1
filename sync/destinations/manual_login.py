"""Log-ins by hand, for checks and rotations: they take part in the rule of one at a time, and are counted.

Five wrong log-ins in a row lock a user in Snowflake for some minutes. Workers try refused credentials twice and no
more; so may a person within a quarter of an hour, unless the credentials change (see pair 0020).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now

from accounts.models import SnowflakeConfiguration
from sync.destinations import breaker
from sync.destinations import login_lock as gate
from sync.errors import SyncError

REFUSALS = 2
WITHIN = timedelta(minutes=15)


class NotNowError(Exception):
    """No log-in was tried; the message says why, and what to do."""


@contextmanager
def login_by_hand(configuration: SnowflakeConfiguration, *, seconds: float, in_use: bool = True) -> Iterator[None]:
    """Around one log-in, which takes at most `seconds`. Refused credentials that are `in_use` pause the destination.

    Raises NotNowError where somebody else is trying it, or where another refusal could lock the user.
    """
    _wait_for_turn(configuration, seconds)
    try:
        _ask_budget(configuration)
        yield
    except SyncError as error:
        if error.entry.refuses:
            _note_refusal(configuration)
            if in_use:
                breaker.pause_destination(configuration.pk, error, version=configuration.settings_version)
        raise
    finally:
        breaker.end_trial(configuration.pk, version=configuration.settings_version)


@contextmanager
def unchanged(configuration: SnowflakeConfiguration) -> Iterator[bool]:
    """Whether the destination is still reached as it was when `configuration` was read; it stays so meanwhile."""
    with transaction.atomic():
        same = SnowflakeConfiguration.objects.filter(
            pk=configuration.pk, settings_version=configuration.settings_version
        )
        yield same.select_for_update(no_key=True).first() is not None


def _ask_budget(configuration: SnowflakeConfiguration) -> None:
    spent = SnowflakeConfiguration.objects.filter(
        pk=configuration.pk, check_refusals__gte=REFUSALS, check_refused_at__gt=Now() - WITHIN
    ).first()
    if spent is not None and spent.check_refused_at is not None:
        again = spent.check_refused_at + WITHIN
        raise NotNowError(
            f"Snowflake has refused these credentials {spent.check_refusals} times in a quarter of an hour; after five "
            f"times in a row it locks the user. Enter other credentials, or try again after {again:%H:%M} UTC."
        )


def _wait_for_turn(configuration: SnowflakeConfiguration, seconds: float) -> None:
    version = configuration.settings_version
    try:
        gate.admitted(partial(breaker.ask_login, configuration.pk, seconds=seconds, version=version, by_hand=True))
    except gate.ChangedError:
        raise NotNowError("The destination has just been changed. Try again.") from None
    except gate.NotNowError:
        raise NotNowError(
            "Somebody else is trying the log-in to this destination, and one goes at a time until one succeeds. "
            "Try again in a minute."
        ) from None


def _note_refusal(configuration: SnowflakeConfiguration) -> None:
    recent = When(check_refused_at__gt=Now() - WITHIN, then=F("check_refusals") + 1)
    first = When(check_refused_at__gt=Now() - WITHIN, then=F("check_refused_at"))
    # With other settings, nothing is known of these.
    SnowflakeConfiguration.objects.filter(pk=configuration.pk, settings_version=configuration.settings_version).update(
        check_refusals=Case(recent, default=Value(1)), check_refused_at=Case(first, default=Now())
    )
