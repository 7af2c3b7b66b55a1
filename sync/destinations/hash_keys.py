"""The keys that values for a destination are hashed with: made here, kept encrypted, told to nobody.

Whoever had one could find out by trying which value has which hash. Values are joined by their hashes only if these
were made with one key, so that a new one makes hashes that fit none of the earlier ones.
"""

from secrets import token_hex
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef, QuerySet
from django.views.decorators.debug import sensitive_variables

from accounts.models import SnowflakeConfiguration
from accounts.secrets import SecretUnreadableError
from accounts.stored_secrets import opens, pages
from sync.errors import failure
from sync.models import SyncHashKey

# The column that holds one.
HASH_KEY = "key_encrypted"
_BYTES = 32


def ensure_key(configuration: SnowflakeConfiguration) -> int:
    """The number of the destination's key; the first is made if there is none yet."""
    return newest_key(configuration) or _make(configuration, 1)


def rotate_key(configuration: SnowflakeConfiguration) -> int:
    """Makes the next key, and returns its number. Those who do so at the same moment get the same one."""
    return _make(configuration, newest_key(configuration) + 1)


def newest_key(configuration: SnowflakeConfiguration) -> int:
    """The number of the key that is in use; 0 if there is none yet."""
    numbers = SyncHashKey.objects.filter(configuration=configuration).order_by("-number")
    return numbers.values_list("number", flat=True).first() or 0


@sensitive_variables()
def key_of(configuration_id: UUID, number: int) -> bytes:
    """The destination's key of that number. Raises hash_key_unreadable."""
    key = _keys().filter(configuration=configuration_id, number=number).first()
    try:
        if key is not None:
            return bytes.fromhex(key.unseal(HASH_KEY))
    except SecretUnreadableError:
        pass
    said = "cannot be opened" if key else "is gone"
    raise failure("hash_key_unreadable", f"Hash key {number} of destination {configuration_id} {said}")


def keys_in_use(using: str = DEFAULT_DB_ALIAS) -> QuerySet[SyncHashKey]:
    """Each destination's newest key: nothing is hashed with an earlier one any more."""
    newer = SyncHashKey.objects.filter(configuration=OuterRef("configuration"), number__gt=OuterRef("number"))
    return _keys().using(using).filter(~Exists(newer))


def unreadable_keys(using: str = DEFAULT_DB_ALIAS) -> list[UUID]:
    """Destinations whose hash key no key of FIELD_ENCRYPTION_KEYS opens in its place."""
    return [key.configuration_id for page in pages(keys_in_use(using)) for key in page if not opens(key, HASH_KEY)]


def _keys() -> QuerySet[SyncHashKey]:
    of_place = ("number", HASH_KEY, "configuration__user_id")
    return SyncHashKey.objects.select_related("configuration").only(*of_place)


@sensitive_variables()
def _make(configuration: SnowflakeConfiguration, number: int) -> int:
    key = SyncHashKey(configuration=configuration, number=number)
    key.seal(HASH_KEY, token_hex(_BYTES))
    SyncHashKey.objects.bulk_create([key], ignore_conflicts=True)
    return number
