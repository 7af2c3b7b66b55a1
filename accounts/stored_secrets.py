"""The secrets that are stored, page by page, and those that no key decrypts."""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q, QuerySet

from accounts.models import ENCRYPTED, SnowflakeConfiguration
from accounts.secrets import SecretUnreadableError

AT_ONCE = 100
# A token's version and the first bytes of its time: github.com/fernet/spec.
_FERNET = "gAAAAA"


def unreadable_secrets(using: str = DEFAULT_DB_ALIAS) -> list[UUID]:
    """Configurations with a secret that no key decrypts in its place."""
    return _not_all(_opens, using)


def plain_secrets(using: str = DEFAULT_DB_ALIAS) -> list[UUID]:
    """Configurations with a secret that is no ciphertext: an earlier service stored some as they were entered."""
    return _not_all(lambda configuration, column: getattr(configuration, column).startswith(_FERNET), using)


def pages_of_secrets(using: str = DEFAULT_DB_ALIAS) -> Iterator[list[SnowflakeConfiguration]]:
    """All configurations that have a secret, some at a time, with no columns but their secrets."""
    last: UUID | None = None
    while True:
        rest = with_secrets().using(using).select_related(None).order_by("pk").only("id", "user_id", *ENCRYPTED)
        page = list((rest if last is None else rest.filter(pk__gt=last))[:AT_ONCE])
        if not page:
            return
        yield page
        last = page[-1].pk


def with_secrets() -> QuerySet[SnowflakeConfiguration]:
    """Configurations with a secret in any column."""
    some = Q()
    for column in ENCRYPTED:
        some |= Q(**{f"{column}__gt": ""})
    return SnowflakeConfiguration.objects.filter(some)


def _not_all(holds: Callable[[SnowflakeConfiguration, str], bool], using: str) -> list[UUID]:
    return [
        configuration.pk
        for page in pages_of_secrets(using)
        for configuration in page
        if not all(holds(configuration, column) for column in ENCRYPTED if getattr(configuration, column))
    ]


def _opens(configuration: SnowflakeConfiguration, column: str) -> bool:
    try:
        configuration.unseal(column)
    except SecretUnreadableError:
        return False
    return True
