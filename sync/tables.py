"""Which table an execution goes to, and what we know of it: the register `snowflake_sync_tables`.

A name is registered before its table is made, so that a table whose CREATE was never answered is known as ours; the
marker in its comment settles what the register cannot (see sync.snowflake.load).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, SyncTable, WorkflowExecution
from sync.snowflake.destination import Destination
from sync.snowflake.identifiers import column_names, object_name, table_name
from sync.snowflake.statements import Column, Table, marker

Columns = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """A table, or a schema, that the application asked for."""

    schema: str | None
    table: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """Where an execution's rows go. `known` are the columns that the table has; None: never loaded for certain."""

    register_id: int
    table: Table
    shared: bool
    marker: str
    known: Columns | None

    def has(self, columns: Sequence[Column]) -> bool:
        """Whether the table is known to have these columns, with these types."""
        return self.known is not None and all(column in self.known for column in as_json(columns))

    def is_exactly(self, columns: Sequence[Column]) -> bool:
        return self.known == as_json(columns)


def as_json(columns: Sequence[Column]) -> Columns:
    return [{"name": column.name, "type": column.type.ddl} for column in columns]


def requested_by(execution: WorkflowExecution) -> Request:
    """What the application asked for, which is kept apart from the names that we wrote back to the execution."""
    if not execution.snowflake_table_name:
        return Request(execution.snowflake_schema_name or None, None)
    wrote = (
        SyncQueueItem.objects.filter(execution_id=execution.execution_id, table_name=execution.snowflake_table_name)
        .values_list("requested_schema", "requested_table")
        .first()
    )
    if wrote is not None:
        return Request(*wrote)
    return Request(execution.snowflake_schema_name or None, execution.snowflake_table_name)


def target_of(
    execution: WorkflowExecution,
    request: Request,
    configuration: SnowflakeConfiguration,
    destination: Destination,
) -> Target:
    """The table of this execution in this destination, registered as ours to be."""
    schema, name, shared = _place(execution, request, configuration, destination)
    place: dict[str, Any] = {
        "configuration": configuration,
        "database_name": destination.database,
        "schema_name": schema,
    }
    if not shared:
        registered, _ = SyncTable.objects.get_or_create(
            **place, execution_id=execution.execution_id, defaults={"table_name": name}
        )
        mark = marker("execution", execution.execution_id, configuration.pk)
    else:
        registered, _ = SyncTable.objects.get_or_create(**place, table_name=name)
        mark = marker("shared", name, configuration.pk)
    return Target(
        register_id=registered.pk,
        table=Table(destination.database, schema, registered.table_name),
        shared=shared,
        marker=mark,
        known=registered.columns,
    )


def note_loaded(target: Target, columns: Sequence[Column]) -> None:
    """The table is there and has these columns; a shared one may have more."""
    with transaction.atomic():
        registered = SyncTable.objects.select_for_update().get(pk=target.register_id)
        now_known = as_json(columns)
        if target.shared:
            names = {column["name"] for column in now_known}
            now_known += [column for column in registered.columns or [] if column["name"] not in names]
        registered.columns = now_known
        registered.seen_at = timezone.now()
        registered.save(update_fields=["columns", "seen_at"])


def forget(target: Target) -> None:
    """The name turned out to be somebody else's: it is not ours to touch, now or later."""
    SyncTable.objects.filter(pk=target.register_id, columns=None).delete()


def columns_for(keys: Sequence[str], destination: Destination) -> tuple[str, ...]:
    """Snowflake's names for the result's columns."""
    return column_names(keys, destination.identifier_case)


def _place(
    execution: WorkflowExecution,
    request: Request,
    configuration: SnowflakeConfiguration,
    destination: Destination,
) -> tuple[str, str, bool]:
    """Schema, table name, and whether other executions go there, too."""
    case = destination.identifier_case
    schema = object_name(request.schema, case) if request.schema else destination.schema
    if request.table:
        return schema, object_name(request.table, case), True
    if configuration.layout == SnowflakeConfiguration.Layout.PER_WORKFLOW and execution.workflow:
        return schema, object_name(f"workflow_{execution.workflow.workflow_id}", case), True
    created_on = execution.created_at.astimezone(UTC).date()
    return schema, table_name(created_on, execution.execution_id, case), False
