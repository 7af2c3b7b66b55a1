"""The tables that are ours, and what we know of them: the register `snowflake_sync_tables`.

A name is registered before its table is made, so that a table whose CREATE was never answered is known as ours. If the
register leaves a doubt, the marker in the table's comment decides (see sync.snowflake.load.table).
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import DestinationState, SnowflakeConfiguration
from sync.load.target import Target, as_json
from sync.models import SyncQueueItem, SyncTable
from sync.postgres import fetch
from sync.snowflake.identifiers import IdentifierCase
from sync.snowflake.load import AmbiguousError, Names, adopted, named
from sync.snowflake.statements import Column

_REMOVED = """
SELECT execution_id FROM snowflake_sync_removed_items WHERE configuration_id = %s AND execution_id = ANY (%s)
"""


def register(*targets: Target) -> None:
    """Registers tables as ours; called before they are made."""
    tables = [
        SyncTable(
            **_key(target),
            execution_id=target.execution_id,
            workflow_id=target.workflow_id,
            user_id=target.configuration.user_id,
            account=target.configuration.account_identifier,
        )
        for target in targets
    ]
    SyncTable.objects.bulk_create(tables, ignore_conflicts=True)


def name_columns(target: Target, results: Iterable[Sequence[str]], case: IdentifierCase) -> Target:
    """The shared target, in which each key of these results has a column for good.

    A second caller waits, and keeps to the columns that the first has registered. If it cannot be known which columns a
    result's keys had (see sync.snowflake.load.columns), they get none.
    """
    register(target)
    with transaction.atomic():
        registered = SyncTable.objects.select_for_update().get(**_key(target))
        names: Names = registered.names or {}
        clear = []
        for keys in results:
            with suppress(AmbiguousError):
                names = adopted(keys, case, names, target.known_names)
                clear.append(keys)
        registered.names = named(clear, case, names)
        registered.save(update_fields=["names"])
    return replace(target, names=registered.names)


def note_loaded(target: Target, columns: Sequence[Column]) -> None:
    """Notes that the table is there with these columns; a shared one may have more. Writes nothing if that is known."""
    if target.has(columns) if target.shared else target.is_exactly(columns):
        return
    if not target.shared:
        SyncTable.objects.filter(**_key(target)).update(columns=as_json(columns), seen_at=timezone.now())
        return
    with transaction.atomic():
        registered = SyncTable.objects.select_for_update().get(**_key(target))
        now_known = as_json(columns)
        names = {column["name"] for column in now_known}
        registered.columns = now_known + [column for column in registered.columns or [] if column["name"] not in names]
        registered.seen_at = timezone.now()
        registered.save(update_fields=["columns", "seen_at"])


def perhaps_there(target: Target, execution_ids: Sequence[str]) -> list[str]:
    """The executions, of these, that may have rows in the shared table: all but those whose first attempt this is.

    An attempt is recorded however it ended, a rescue in place of one that could not be, and an item's last one stays.
    An item that was removed from the queue, and comes again under the same execution id, is on record, too
    (migrations_sql/0019_removed_items).
    """
    first = SyncQueueItem.objects.filter(
        configuration=target.configuration,
        execution_id__in=list(execution_ids),
        table_name__isnull=True,
        attempts__isnull=True,
    )
    new = set(first.values_list("execution_id", flat=True))
    new -= {execution_id for (execution_id,) in fetch(_REMOVED, [target.configuration.pk, list(new)])}
    return [execution_id for execution_id in execution_ids if execution_id not in new]


def forget(target: Target) -> None:
    """Removes a table that turned out to be somebody else's from the register: we must not touch it, now or later."""
    SyncTable.objects.filter(**_key(target)).delete()


def is_time_to_clear(configuration: SnowflakeConfiguration, every: timedelta) -> bool:
    """Whether the caller, and nobody else, is to look for staged files left behind; the first time after `every`."""
    last, now = configuration.state.stage_swept_at, timezone.now()
    if last is not None and last > now - every:
        return False
    ours = DestinationState.objects.filter(pk=configuration.pk, stage_swept_at=last).update(stage_swept_at=now)
    return bool(ours) and last is not None


def _key(target: Target) -> dict[str, Any]:
    return {
        "configuration": target.configuration,
        "database_name": target.table.database,
        "schema_name": target.table.schema,
        "table_name": target.table.name,
    }
