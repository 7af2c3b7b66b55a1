"""The tables that are ours, and what we know of them: the register `snowflake_sync_tables`.

A name is registered before its table is made, so that a table whose CREATE was never answered is known as ours; the
marker in its comment settles what the register cannot (see sync.snowflake.load.table).
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, SyncTable
from sync.snowflake.identifiers import IdentifierCase
from sync.snowflake.load import AmbiguousError, Names, adopted, named
from sync.snowflake.statements import Column, Table, marker
from sync.snowflake.types import ColumnType, parse_declared

Columns = list[dict[str, str]]

_REMOVED = """
SELECT execution_id FROM snowflake_sync_removed_items WHERE configuration_id = %s AND execution_id = ANY (%s)
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A table that rows go to: an execution's own, or one that several share.

    `known` are the columns that the table has; None: nothing was ever loaded into it, as far as we know.
    """

    configuration: SnowflakeConfiguration
    table: Table
    # Whose own it is; None: shared.
    execution_id: str | None
    known: Columns | None
    # Of a shared one: the columns that the keys of its results have for good.
    names: Names = field(default_factory=dict)
    # Of a shared one: what it was asked for, as pair 0014 says it.
    asked: str | None = None
    # Whether its columns may be given wider types.
    grows: bool = True

    @property
    def shared(self) -> bool:
        return self.execution_id is None

    @property
    def marker(self) -> str:
        """The comment by which the table is known as ours."""
        subject = ("shared", self.table.name) if self.execution_id is None else ("execution", self.execution_id)
        return marker(*subject, self.configuration.pk)

    @property
    def known_names(self) -> list[str]:
        """The table's columns by name."""
        return [column["name"] for column in self.known or []]

    @property
    def known_types(self) -> dict[str, ColumnType]:
        """The table's types by column name."""
        return {column["name"]: parse_declared(column["type"]) for column in self.known or []}

    def has(self, columns: Sequence[Column]) -> bool:
        """Whether the table is known to have these columns, with these types."""
        return self.known is not None and all(column in self.known for column in _as_json(columns))

    def is_exactly(self, columns: Sequence[Column]) -> bool:
        """Whether the table is known to have these columns, in this order, and no others."""
        return self.known == _as_json(columns)

    def lacking(self, columns: Sequence[Column]) -> list[Column] | None:
        """Which of these columns the table is not known to have; None where it has others, or of other types."""
        wanted = _as_json(columns)
        if self.known is None or any(column not in wanted for column in self.known):
            return None
        return [column for column, as_json in zip(columns, wanted, strict=True) if as_json not in self.known]

    def knowing(self, columns: Sequence[Column]) -> "Target":
        """The same table, with columns as Snowflake says that they are."""
        return replace(self, known=_as_json(columns))


def register(target: Target) -> None:
    """The table is ours to be: called before it is made."""
    SyncTable.objects.bulk_create([SyncTable(**_key(target), execution_id=target.execution_id)], ignore_conflicts=True)


def name_columns(target: Target, results: Iterable[Sequence[str]], case: IdentifierCase) -> Target:
    """The shared target, in which each key of these results has a column for good.

    Whoever comes second waits, and keeps to what the first has registered. A result of which it cannot be known which
    columns its keys had (see sync.snowflake.load.columns) gets none.
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
    """The table is there and has these columns; a shared one may have more. Nothing is written where that is known."""
    if target.has(columns) if target.shared else target.is_exactly(columns):
        return
    if not target.shared:
        SyncTable.objects.filter(**_key(target)).update(columns=_as_json(columns), seen_at=timezone.now())
        return
    with transaction.atomic():
        registered = SyncTable.objects.select_for_update().get(**_key(target))
        now_known = _as_json(columns)
        names = {column["name"] for column in now_known}
        registered.columns = now_known + [column for column in registered.columns or [] if column["name"] not in names]
        registered.seen_at = timezone.now()
        registered.save(update_fields=["columns", "seen_at"])


def perhaps_there(target: Target, execution_ids: Sequence[str]) -> list[str]:
    """Those of these executions that may have rows in the shared table: all but those whose first attempt this is.

    An attempt is recorded however it ended, a rescue in place of one that could not be, and an item's last one stays.
    What was removed from the queue, and comes again under the same id, is on record, too (pair 0019).
    """
    first = SyncQueueItem.objects.filter(
        configuration=target.configuration,
        execution_id__in=list(execution_ids),
        table_name__isnull=True,
        attempts__isnull=True,
    )
    new = set(first.values_list("execution_id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_REMOVED, [target.configuration.pk, list(new)])
        new -= {execution_id for (execution_id,) in cursor.fetchall()}
    return [execution_id for execution_id in execution_ids if execution_id not in new]


def forget(target: Target) -> None:
    """The name turned out to be somebody else's: it is not ours to touch, now or later."""
    SyncTable.objects.filter(**_key(target)).delete()


def is_time_to_sweep(configuration: SnowflakeConfiguration, every: timedelta) -> bool:
    """Whether the caller, and nobody else, is to look for staged files left behind; for the first time, later."""
    last, now = configuration.stage_swept_at, timezone.now()
    if last is not None and last > now - every:
        return False
    ours = SnowflakeConfiguration.objects.filter(pk=configuration.pk, stage_swept_at=last).update(stage_swept_at=now)
    return bool(ours) and last is not None


def _key(target: Target) -> dict[str, Any]:
    return {
        "configuration": target.configuration,
        "database_name": target.table.database,
        "schema_name": target.table.schema,
        "table_name": target.table.name,
    }


def _as_json(columns: Sequence[Column]) -> Columns:
    return [{"name": column.name, "type": column.type.ddl} for column in columns]
