"""Which table an execution goes to, and what we know of it: the register `snowflake_sync_tables`.

A name is registered before its table is made, so that a table whose CREATE was never answered is known as ours; the
marker in its comment settles what the register cannot (see sync.snowflake.load).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, SyncTable, WorkflowExecution
from sync.snowflake.destination import Destination
from sync.snowflake.identifiers import IdentifierCase, object_name, table_name
from sync.snowflake.statements import Column, Table, marker
from sync.snowflake.types import ColumnType, from_ddl

Columns = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """A table, or a schema, that the application asked for."""

    schema: str | None
    table: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """Where an execution's rows go: a table of its own, or a shared one.

    `known` are the columns that the table has; None: nothing was ever loaded into it, as far as we know.
    """

    configuration: SnowflakeConfiguration
    execution_id: str
    table: Table
    shared: bool
    known: Columns | None

    @property
    def marker(self) -> str:
        """The comment by which the table is known as ours."""
        subject = ("shared", self.table.name) if self.shared else ("execution", self.execution_id)
        return marker(*subject, self.configuration.pk)

    @property
    def known_types(self) -> dict[str, ColumnType]:
        """The table's types by column name."""
        return {column["name"]: from_ddl(column["type"]) for column in self.known or []}

    def has(self, columns: Sequence[Column]) -> bool:
        """Whether the table is known to have these columns, with these types."""
        return self.known is not None and all(column in self.known for column in _as_json(columns))

    def is_exactly(self, columns: Sequence[Column]) -> bool:
        """Whether the table is known to have these columns, in this order, and no others."""
        return self.known == _as_json(columns)


def requested_by(execution: WorkflowExecution) -> Request:
    """What the application asked for, which is kept apart from the names that we wrote back to the execution."""
    if not execution.snowflake_table_name:
        return Request(execution.snowflake_schema_name or None, None)
    wrote = (
        SyncQueueItem.objects.filter(execution=execution, table_name=execution.snowflake_table_name)
        .values_list("requested_schema", "requested_table")
        .first()
    )
    if wrote is not None:
        return Request(*wrote)
    if execution.snowflake_table_name in _own_names(execution):
        return Request(None, None)
    return Request(execution.snowflake_schema_name or None, execution.snowflake_table_name)


def target_of(
    execution: WorkflowExecution,
    request: Request,
    configuration: SnowflakeConfiguration,
    destination: Destination,
) -> Target:
    """The table of this execution in this destination. An own table's name is fixed once it is registered."""
    case: IdentifierCase = destination.identifier_case
    schema = object_name(request.schema, case) if request.schema else destination.schema
    shared_name = _shared_name(execution, request, configuration)
    if shared_name:
        name = object_name(shared_name, case)
        wanted: dict[str, Any] = {"execution_id": None, "table_name": name}
    else:
        name = _own_name(execution, case)
        wanted = {"execution_id": execution.execution_id}
    registered = SyncTable.objects.filter(
        configuration=configuration, database_name=destination.database, schema_name=schema, **wanted
    ).first()
    return Target(
        configuration=configuration,
        execution_id=execution.execution_id,
        table=Table(destination.database, schema, registered.table_name if registered else name),
        shared=bool(shared_name),
        known=registered.columns if registered else None,
    )


def register(target: Target) -> None:
    """The table is ours to be: called before it is made."""
    SyncTable.objects.get_or_create(**_key(target), defaults={"execution_id": _owner(target)})


def note_loaded(target: Target, columns: Sequence[Column]) -> None:
    """The table is there and has these columns; a shared one may have more."""
    with transaction.atomic():
        registered = SyncTable.objects.select_for_update().get(**_key(target))
        now_known = _as_json(columns)
        if target.shared:
            names = {column["name"] for column in now_known}
            now_known += [column for column in registered.columns or [] if column["name"] not in names]
        registered.columns = now_known
        registered.seen_at = timezone.now()
        registered.save(update_fields=["columns", "seen_at"])


def forget(target: Target) -> None:
    """The name turned out to be somebody else's: it is not ours to touch, now or later."""
    SyncTable.objects.filter(**_key(target), columns__isnull=True).delete()


def _own_name(execution: WorkflowExecution, case: IdentifierCase) -> str:
    return table_name(_day(execution), execution.execution_id, case)


def _day(execution: WorkflowExecution) -> date:
    """The UTC day of created_at; an application's column may be NULL, or without a zone."""
    created_at: datetime | None = execution.created_at
    if created_at is None:
        return timezone.now().date()
    return (created_at if created_at.tzinfo is None else created_at.astimezone(UTC)).date()


def _own_names(execution: WorkflowExecution) -> tuple[str, str]:
    """Nobody but us gives such names, also where the items that we gave them for are gone with their destination."""
    return _own_name(execution, "upper"), _own_name(execution, "preserve")


def _shared_name(execution: WorkflowExecution, request: Request, configuration: SnowflakeConfiguration) -> str | None:
    if request.table:
        return request.table
    if configuration.layout == SnowflakeConfiguration.Layout.PER_WORKFLOW and execution.workflow:
        return f"workflow_{execution.workflow.workflow_id}"
    return None


def _owner(target: Target) -> str | None:
    return None if target.shared else target.execution_id


def _key(target: Target) -> dict[str, Any]:
    return {
        "configuration": target.configuration,
        "database_name": target.table.database,
        "schema_name": target.table.schema,
        "table_name": target.table.name,
    }


def _as_json(columns: Sequence[Column]) -> Columns:
    return [{"name": column.name, "type": column.type.ddl} for column in columns]
