"""Secrets at rest, encrypted again with the newest key."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from accounts.models import ENCRYPTED, SnowflakeConfiguration
from accounts.secrets import SecretUnreadableError, is_current
from accounts.stored_secrets import pages_of_secrets, with_secrets
from sync.operations.progress import Progress, silent

# The destination is reached as before, so that nothing it has proved is forgotten: the trigger in
# migrations_sql/0008_destination_states goes by this setting.
_SAME_SECRETS = "SET LOCAL snowflake_sync.same_secrets = 'on'; SET LOCAL lock_timeout = '5s'"


@dataclass(slots=True)
class EncryptionCounts:
    """Secrets, by what became of them.

    `changed`: somebody else wrote the row meanwhile, and it is left as that is; a second run looks at it again.
    `unreadable`: configurations with a secret that no key decrypts, left as they are.
    """

    rotated: int = 0
    current: int = 0
    changed: int = 0
    unreadable: list[UUID] = field(default_factory=list)


def rotate_encryption_keys(*, dry_run: bool = False, progress: Progress = silent) -> EncryptionCounts:
    """Encrypts every secret that is not so yet with the newest key of FIELD_ENCRYPTION_KEYS, bound to its place.

    Each page is a transaction of its own: what is done stays done, so that the run can be broken off and repeated,
    beside workers and people. Afterwards, if nothing is unreadable or changed, the older keys can go.
    """
    counts, done, total = EncryptionCounts(), 0, with_secrets().count()
    for page in pages_of_secrets():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_SAME_SECRETS)
            for configuration in page:
                _rotate(configuration, counts, dry_run=dry_run)
        done += len(page)
        progress(done, max(done, total))
    return counts


def _rotate(configuration: SnowflakeConfiguration, counts: EncryptionCounts, *, dry_run: bool) -> None:
    """One UPDATE of the columns that need it, refused if one of them is not as it was read."""
    old: dict[str, str] = {}
    new: dict[str, str] = {}
    for column in ENCRYPTED:
        stored = getattr(configuration, column)
        if not stored:
            continue
        if is_current(stored, configuration.place_of(column)):
            counts.current += 1
            continue
        try:
            configuration.seal(column, configuration.unseal(column))
        except SecretUnreadableError:
            if configuration.pk not in counts.unreadable:
                counts.unreadable.append(configuration.pk)
            continue
        old[column], new[column] = stored, getattr(configuration, column)
    if not new:
        return
    known = SnowflakeConfiguration.objects.filter(pk=configuration.pk, **old)
    if dry_run or known.update(**new):
        counts.rotated += len(new)
    else:
        counts.changed += len(new)
