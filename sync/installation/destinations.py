"""Are the destinations as they should be: can their secrets be decrypted, and are no two of a user the same place?"""

from collections import defaultdict

from django.db.backends.utils import CursorWrapper

from accounts.models import SnowflakeConfiguration
from accounts.stored_secrets import plain_secrets, unreadable_secrets
from sync.destinations import place_of, unreadable_keys
from sync.errors import CATALOGUE
from sync.installation.finding import NAMED, Finding, Findings, listed


def secrets(cursor: CursorWrapper) -> Findings:
    """Stored secrets in plain text, and secrets and hash keys that no key decrypts."""
    plain = plain_secrets(cursor.db.alias)
    if plain:
        said = f"not encrypted, and read by whoever may read the table: those of {listed(plain)}"
        remedy = "Change them in Snowflake, and enter the new ones in the console or by the API, which encrypt them."
        yield Finding("secrets in plain text", ok=False, detail=said, remedy=remedy)
    unreadable = [id_ for id_ in unreadable_secrets(cursor.db.alias) if id_ not in plain]
    said = f"no key of FIELD_ENCRYPTION_KEYS opens those of: {listed(unreadable)}"
    remedy = (
        "Put the key that they were stored with back into FIELD_ENCRYPTION_KEYS, an earlier service's into FERNET_KEY, "
        "or enter them again."
    )
    yield Finding("secrets", not unreadable, said if unreadable else "all can be opened", remedy)
    if hash_keys := unreadable_keys(cursor.db.alias):
        said = f"no key of FIELD_ENCRYPTION_KEYS opens those of: {listed(hash_keys)}"
        yield Finding("hash keys", ok=False, detail=said, remedy=CATALOGUE["hash_key_unreadable"].remedy)


def twins(cursor: CursorWrapper) -> Findings:
    """Active destinations of a user that are one place.

    Each finds the other's tables there, and fails with table_not_ours.
    """
    places = defaultdict(list)
    active = SnowflakeConfiguration.objects.using(cursor.db.alias).select_related(None).filter(is_active=True)
    for each in active.only("id", "user_id", "account_identifier", "database", "schema").iterator():
        places[each.user_id, place_of(each)].append(each.pk)
    same = [ids for ids in places.values() if len(ids) > 1]
    for ids in same[:NAMED]:
        said = f"{listed(ids)} load into the same schema of the same account"
        yield Finding("destinations", ok=False, detail=said, remedy="Switch all but one of them off, or delete them.")
    if not same:
        yield Finding("destinations", ok=True, detail="no two of a user's are the same place")
