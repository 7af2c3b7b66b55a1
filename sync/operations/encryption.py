"""Secrets at rest, encrypted again with the newest key."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import ENCRYPTED, SnowflakeConfiguration
from accounts.secrets import SecretUnreadableError, is_current
from accounts.stored_secrets import pages, with_secrets
from sync.activity import Action, Counted, Kind
from sync.destinations import HASH_KEY, keys_in_use
from sync.models import SyncAlertChannel, SyncHashKey
from sync.operations.progress import Progress, silent

# The destination is reached as before, so that nothing it has proved is forgotten: the trigger in
# migrations_sql/0008_destination_states goes by this setting.
_SAME_SECRETS = "SET LOCAL snowflake_sync.same_secrets = 'on'; SET LOCAL lock_timeout = '5s'"
CHANNEL_SECRETS = "secrets_encrypted"


@dataclass(slots=True)
class EncryptionCounts:
    """Secrets and hash keys, by what became of them.

    `changed`: somebody else wrote the row meanwhile, and it is left as that is; a second run looks at it again.
    `unreadable`: configurations with one that no key decrypts, left as it is; `channels`: the same of alerts.
    """

    rotated: int = 0
    current: int = 0
    changed: int = 0
    unreadable: list[UUID] = field(default_factory=list)
    channels: list[UUID] = field(default_factory=list)


def rotate_encryption_keys(*, dry_run: bool = False, progress: Progress = silent) -> EncryptionCounts:
    """Encrypts every secret that is not so yet with the newest key of FIELD_ENCRYPTION_KEYS, bound to its place.

    Each page is a transaction of its own: what is done stays done, so that the run can be broken off and repeated,
    beside workers and people. Afterwards, if nothing is unreadable or changed, the older keys can go.
    """
    kinds: list[tuple[QuerySet[Any], Sequence[str]]] = [
        (with_secrets(), ENCRYPTED),
        (keys_in_use(), [HASH_KEY]),
        (SyncAlertChannel.objects.filter(secrets_encrypted__gt=""), [CHANNEL_SECRETS]),
    ]
    counts, done, total = EncryptionCounts(), 0, sum(rows.count() for rows, _ in kinds)
    entry = Counted(Action.ENCRYPTION_ROTATED, Kind.INSTALLATION)
    for page, columns in ((page, columns) for rows, columns in kinds for page in pages(rows)):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_SAME_SECRETS)
            for row in page:
                _rotate(row, columns, counts, dry_run=dry_run)
        done += len(page)
        if not dry_run:
            entry.so_far(counts.rotated)
        progress(done, max(done, total))
    return counts


def _rotate(
    row: SnowflakeConfiguration | SyncHashKey | SyncAlertChannel,
    columns: Sequence[str],
    counts: EncryptionCounts,
    *,
    dry_run: bool,
) -> None:
    """One UPDATE of the columns that need it, refused if one of them is not as it was read."""
    old: dict[str, str] = {}
    new: dict[str, str] = {}
    for column in columns:
        stored = getattr(row, column)
        if not stored:
            continue
        if is_current(stored, row.place_of(column)):
            counts.current += 1
            continue
        try:
            row.seal(column, row.unseal(column))
        except SecretUnreadableError:
            id_ = row.configuration_id if isinstance(row, SyncHashKey) else row.pk
            unreadable = counts.channels if isinstance(row, SyncAlertChannel) else counts.unreadable
            if id_ not in unreadable:
                unreadable.append(id_)
            continue
        old[column], new[column] = stored, getattr(row, column)
    if not new:
        return
    known: QuerySet[Any] = type(row)._default_manager.filter(**{"pk": row.pk, **old})  # noqa: SLF001 - Django's
    if dry_run or known.update(**new):
        counts.rotated += len(new)
    else:
        counts.changed += len(new)
