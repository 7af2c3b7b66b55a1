"""System checks: settings that have to be there before anything starts, and those that production must not have."""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction

from accounts.stored_secrets import unreadable_secrets
from accounts.usage import parse_rate
from sync.destinations import unreadable_keys
from sync.snowflake.load import OLDEST_TRANSACTION

# 128 bits as `openssl rand -hex 16` writes them.
SHORTEST_KEY = 32
FEWEST_CHARACTERS = 8
_HOW_TO_MAKE_ONE = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'
_HOW_TO_MAKE_A_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
_POSITIVE = (
    "SYNC_CHECK_INTERVAL",
    "SYNC_PROBE_INTERVAL",
    "SYNC_MAX_CONCURRENT",
    "SYNC_BATCH_SIZE",
    "SYNC_MAX_DESTINATIONS",
    "API_READ_TIMEOUT",
)

# The number of an error, or of a warning; what is wrong; what to do.
_Faults = Iterator[tuple[str, str, str]]


@register("sync")
def check_environment(**_kwargs: Any) -> Sequence[CheckMessage]:
    """The settings that production needs in its environment; development has values of its own."""
    return _messages(_secret_key_is_missing(), _database(), _keys(), _numbers(), _rates())


@register("sync")
def check_production(**_kwargs: Any) -> Sequence[CheckMessage]:
    """Settings that development may have and production may not: secrets that can be guessed, any host name."""
    return _messages(_endpoint(), () if settings.DEBUG else chain(_guessable_secrets(), _hosts()))


@register(Tags.database)
def check_secrets(databases: Sequence[str] | None = None, **_kwargs: Any) -> Sequence[CheckMessage]:
    """Whether the keys decrypt the stored secrets: `check --database default`. Says nothing before there are tables."""
    if list(_keys()):
        return []
    return _messages(*(_unreadable(alias) for alias in databases or ()))


def _messages(*faults: Iterable[tuple[str, str, str]]) -> list[CheckMessage]:
    return [
        (Warning if number.startswith("W") else Error)(what, hint=hint, id=f"sync.{number}")
        for number, what, hint in chain(*faults)
    ]


def _secret_key_is_missing() -> _Faults:
    if not settings.DEBUG and settings.SECRET_KEY == "missing":  # noqa: S105 - says that there is none
        hint = "Set it to a long random value, the same on every host; or set DEBUG=true to develop."
        yield "E001", "SECRET_KEY is not set.", hint


def _database() -> _Faults:
    engine = settings.DATABASES["default"]["ENGINE"]
    whole = "postgres://user:password@host:5432/name"
    if engine == "django.db.backends.dummy":
        yield "E002", "DATABASE_URL is not set.", f"Set it to the application's database, {whole}."
    elif not settings.DATABASES["default"].get("NAME"):
        yield "E002", "DATABASE_URL names no database.", f"Its name stands last: {whole}."
    elif engine != "django.db.backends.postgresql":
        hint = "It begins with postgres://; the queue needs PostgreSQL 15 or newer."
        yield "E004", "DATABASE_URL does not name a PostgreSQL database.", hint


def _keys() -> _Faults:
    hint = f"Make a key with: {_HOW_TO_MAKE_A_KEY}"
    if not settings.FIELD_ENCRYPTION_KEYS:
        yield "E003", "FIELD_ENCRYPTION_KEYS is not set: Snowflake secrets could not be stored.", hint
        return
    keys = {f"Key {n} of FIELD_ENCRYPTION_KEYS": key for n, key in enumerate(settings.FIELD_ENCRYPTION_KEYS, start=1)}
    if settings.FERNET_KEY:
        keys["FERNET_KEY"] = settings.FERNET_KEY
    for name, key in keys.items():
        try:
            Fernet(key)
        except ValueError:
            yield "E005", f"{name} is not a Fernet key (32 bytes in URL-safe base64).", hint


def _unreadable(alias: str) -> _Faults:
    try:
        with transaction.atomic(alias):
            unreadable = unreadable_secrets(alias)
            unreadable += [id_ for id_ in unreadable_keys(alias) if id_ not in unreadable]
    except (DatabaseError, ImproperlyConfigured):
        return
    if unreadable:
        shown = ", ".join(map(str, unreadable[:5])) + (f" and {len(unreadable) - 5} more" if unreadable[5:] else "")
        what = f"No key of FIELD_ENCRYPTION_KEYS opens a secret or hash key of {len(unreadable)} destinations"
        hint = (
            "Put the key that they were stored with back, behind the newest, or an earlier service's into FERNET_KEY "
            "(0.1.0 stored them as such a service did: set it to the key of then, and run rotate_encryption_keys); or "
            "enter the secrets again, and make new hash keys."
        )
        yield "E007", f"{what}: {shown}.", hint


def _numbers() -> _Faults:
    for name in _POSITIVE:
        if getattr(settings, name) <= 0:
            yield "E006", f"{name} is not more than 0.", "See .env.example."
    if settings.SYNC_MAX_RETRIES < 0:
        yield "E006", "SYNC_MAX_RETRIES is negative.", "0 means: one attempt."
    if not 60 <= settings.SYNC_STATEMENT_SECONDS <= OLDEST_TRANSACTION:
        what = f"SYNC_STATEMENT_SECONDS is {settings.SYNC_STATEMENT_SECONDS}, and has to be 60 to {OLDEST_TRANSACTION}."
        yield "E006", what, "3600 is the default. A transaction without a session is ended by Snowflake after 4 hours."
    if settings.SYNC_LEASE_SECONDS < 30:
        what = "SYNC_LEASE_SECONDS is less than 30: a Snowflake statement could take longer than the lease."
        yield "W001", what, "360 is the default."


def _rates() -> _Faults:
    for name, rate in settings.API_RATES.items():
        try:
            if rate:
                parse_rate(rate)
        except ValueError:
            what = f"API_{name.upper()}_RATE is {rate!r}, which is no rate."
            yield "E030", what, "Write it as 10/min: s, min, hour or day. Empty: no limit."


def _guessable_secrets() -> _Faults:
    key = settings.SECRET_KEY
    # The placeholder "missing" has an error of its own.
    if key != "missing" and (len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_CHARACTERS):
        what = (
            f"SECRET_KEY can be guessed, and with it the sessions be forged: it has {len(key)} characters, "
            f"{len(set(key))} of them different."
        )
        yield "E008", what, f"Make one of {SHORTEST_KEY} or more with: {_HOW_TO_MAKE_ONE}"
    if settings.DEVELOPMENT_ENCRYPTION_KEY in settings.FIELD_ENCRYPTION_KEYS:
        hint = "Put a new key before it, run rotate_encryption_keys with DEBUG=true, and take it out."
        yield "E009", "FIELD_ENCRYPTION_KEYS holds the key of development, which everybody can read.", hint


def _hosts() -> _Faults:
    if "*" in settings.ALLOWED_HOSTS:
        what = "ALLOWED_HOSTS is *: whoever asks says under which name, and links are made with it."
        yield "E010", what, "Name the hosts that the web server answers to, such as sync.example.com."


def _endpoint() -> _Faults:
    endpoint = settings.SNOWFLAKE_ENDPOINT
    if endpoint and urlsplit(endpoint).scheme != "https" and not (settings.DEBUG and _is_here(endpoint)):
        what = "SNOWFLAKE_ENDPOINT is not https: passwords and results would go through the network as they are."
        hint = "Leave it out to connect to Snowflake. With DEBUG=true it may be http on this host, 127.0.0.1."
        yield "E011", what, hint


def _is_here(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
