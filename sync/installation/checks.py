"""System checks: what has to be there before anything starts."""

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction

from accounts.stored_secrets import unreadable_secrets
from accounts.usage import parse_rate

NEW_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


@register()
def check_environment(**_kwargs: Any) -> Sequence[CheckMessage]:
    """What production needs in its environment; development has values of its own."""
    messages: list[CheckMessage] = []
    if not settings.DEBUG and settings.SECRET_KEY == "missing":  # noqa: S105 - says that there is none
        messages.append(
            Error(
                "SECRET_KEY is not set.",
                hint="Set it to a long random value, the same on every host; or set DEBUG=true to develop.",
                id="sync.E001",
            )
        )
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.dummy":
        messages.append(
            Error(
                "DATABASE_URL is not set.",
                hint="Set it to the application's database, postgres://user:password@host:5432/name.",
                id="sync.E002",
            )
        )
    elif not settings.DATABASES["default"].get("NAME"):
        messages.append(
            Error(
                "DATABASE_URL names no database.",
                hint="Its name stands last: postgres://user:password@host:5432/name.",
                id="sync.E002",
            )
        )
    elif settings.DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        messages.append(
            Error(
                "DATABASE_URL does not name a PostgreSQL database.",
                hint="It begins with postgres://; the queue needs PostgreSQL 15 or newer.",
                id="sync.E004",
            )
        )
    return [*messages, *_check_keys(), *_check_numbers(), *_check_rates()]


@register(Tags.database)
def check_secrets(databases: Sequence[str] | None = None, **_kwargs: Any) -> Sequence[CheckMessage]:
    """Whether the keys open what is stored: `check --database default`. Nothing where the tables are not there yet."""
    if _check_keys():
        return []
    messages: list[CheckMessage] = []
    for alias in databases or ():
        try:
            with transaction.atomic(alias):
                unreadable = unreadable_secrets(alias)
        except (DatabaseError, ImproperlyConfigured):
            continue
        if unreadable:
            shown = ", ".join(map(str, unreadable[:5])) + (f" and {len(unreadable) - 5} more" if unreadable[5:] else "")
            messages.append(
                Error(
                    f"No key of FIELD_ENCRYPTION_KEYS opens the secrets of {len(unreadable)} Snowflake configurations: "
                    f"{shown}.",
                    hint="Put the key that they were stored with back, behind the newest, or an earlier service's into "
                    "FERNET_KEY (0.1.0 stored them as such a service did: set it to the key of then, and run "
                    "rotate_encryption_keys); or enter the secrets again.",
                    id="sync.E007",
                )
            )
    return messages


def _check_keys() -> Sequence[CheckMessage]:
    if not settings.FIELD_ENCRYPTION_KEYS:
        return [
            Error(
                "FIELD_ENCRYPTION_KEYS is not set: Snowflake secrets could not be stored.",
                hint=f"Make a key with: {NEW_KEY}",
                id="sync.E003",
            )
        ]
    keys = {f"Key {n} of FIELD_ENCRYPTION_KEYS": key for n, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, start=1)}
    if settings.FERNET_KEY:
        keys["FERNET_KEY"] = settings.FERNET_KEY
    for name, key in keys.items():
        try:
            Fernet(key)
        except ValueError:
            return [
                Error(
                    f"{name} is not a Fernet key (32 bytes in URL-safe base64).",
                    hint=f"Make a key with: {NEW_KEY}",
                    id="sync.E005",
                )
            ]
    return []


def _check_numbers() -> Sequence[CheckMessage]:
    positive = (
        "SYNC_CHECK_INTERVAL",
        "SYNC_PROBE_INTERVAL",
        "SYNC_MAX_CONCURRENT",
        "SYNC_BATCH_SIZE",
        "SYNC_MAX_DESTINATIONS",
        "API_READ_TIMEOUT",
    )
    messages: list[CheckMessage] = [
        Error(f"{name} is not more than 0.", hint="See .env.example.", id="sync.E006")
        for name in positive
        if getattr(settings, name) <= 0
    ]
    if settings.SYNC_MAX_RETRIES < 0:
        messages.append(Error("SYNC_MAX_RETRIES is negative.", hint="0 means: one attempt.", id="sync.E006"))
    if settings.SYNC_LEASE_SECONDS < 30:
        messages.append(
            Warning(
                "SYNC_LEASE_SECONDS is less than 30: a Snowflake statement could take longer than the lease.",
                hint="360 is the default.",
                id="sync.W001",
            )
        )
    return messages


def _check_rates() -> Sequence[CheckMessage]:
    messages: list[CheckMessage] = []
    for name, rate in settings.API_RATES.items():
        try:
            if rate:
                parse_rate(rate)
        except ValueError:
            what = f"API_{name.upper()}_RATE is {rate!r}, which is no rate."
            messages.append(
                Error(what, hint="Write it as 10/min: s, min, hour or day. Empty: no limit.", id="sync.E030")
            )
    return messages
