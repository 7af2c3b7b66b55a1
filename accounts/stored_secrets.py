"""The secrets that are stored, page by page, and those that no key decrypts."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, Q, QuerySet

from accounts.models import ENCRYPTED, SnowflakeConfiguration
from accounts.secrets import Sealed, SecretUnreadableError

Row = TypeVar("Row", bound=Model)

AT_ONCE = 100
# A token's version and the first bytes of its time: github.com/fernet/spec.
_FERNET = "gAAAAA"


def unreadable_secrets(using: str = DEFAULT_DB_ALIAS) -> list[UUID]:
    """Configurations with a secret that no key decrypts in its place."""
    return _not_all(opens, using)


def plain_secrets(using: str = DEFAULT_DB_ALIAS) -> list[UUID]:
    """Configurations with a secret that is no ciphertext: an earlier service stored some as they were entered."""
    return _not_all(lambda configuration, column: getattr(configuration, column).startswith(_FERNET), using)


def with_secrets(using: str = DEFAULT_DB_ALIAS) -> QuerySet[SnowflakeConfiguration]:
    """Configurations with a secret in any column, with no columns but their secrets."""
    some = Q()
    for column in ENCRYPTED:
        some |= Q(**{f"{column}__gt": ""})
    found = SnowflakeConfiguration.objects.using(using).filter(some)
    return found.select_related(None).only("id", "user_id", *ENCRYPTED)


def pages(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """All of the rows, some at a time."""
    last: Any = None
    while True:
        page = list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:AT_ONCE])
        if not page:
            return
        yield page
        last = page[-1].pk


def _not_all(holds: Callable[[SnowflakeConfiguration, str], bool], using: str) -> list[UUID]:
    return [
        configuration.pk
        for page in pages(with_secrets(using))
        for configuration in page
        if not all(holds(configuration, column) for column in ENCRYPTED if getattr(configuration, column))
    ]


def opens(row: Sealed, column: str) -> bool:
    """Whether a key decrypts the secret in this place."""
    try:
        row.unseal(column)
    except SecretUnreadableError:
        return False
    return True
