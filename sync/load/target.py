"""The table that an execution goes to: one of its own, its workflow's, or one that the application asked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.errors import failure
from sync.models import SyncQueueItem, SyncTable, WorkflowExecution
from sync.queue import Outcome
from sync.snowflake.identifiers import (
    IdentifierCase,
    cut,
    requested_schema,
    requested_table,
    table_name,
    workflow_table,
)
from sync.snowflake.load import Names
from sync.snowflake.session import Destination
from sync.snowflake.statements import Column, Table, result_marker
from sync.snowflake.types import ColumnType, parse_declared

Columns = list[dict[str, str]]

# Schema and owner of an own table; of a shared one schema, None and name, or schema, "" and made_for.
_Key = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Request:
    """A table, or a schema, that the application asked for."""

    schema: str | None
    table: str | None

    @property
    def is_special(self) -> bool:
        """Whether the application asked for a table or a schema."""
        return bool(self.schema or self.table)


@dataclass(frozen=True, slots=True)
class Target:
    """A table that rows go to: an execution's own, or one that several share.

    `known` are the columns that the table has; None: nothing was ever loaded into it, as far as we know.
    """

    configuration: SnowflakeConfiguration
    request: Request
    table: Table
    # The execution whose own table it is; None: a shared table.
    execution_id: str | None
    known: Columns | None
    # Whose execution it is, or whose shared table; None: a table that the application named.
    workflow_id: str | None = None
    # Of a shared table: the columns that the keys of its results have for good.
    names: Names = field(default_factory=dict)
    # Of a shared table: whose alone it is, as made_for in migrations_sql/0014_tables says it.
    made_for: str | None = None
    # Whether its columns may be given wider types.
    grows: bool = True
    # Whether `known` is what Snowflake has just said.
    verified: bool = False

    @property
    def shared(self) -> bool:
        return self.execution_id is None

    @property
    def is_certain(self) -> bool:
        """Whether results that do not fit the columns as they are known cannot fit the table at all."""
        return self.verified or self.known is None

    @property
    def marker(self) -> str:
        """The comment by which the table is known as ours."""
        return result_marker(self.table, self.execution_id, self.configuration.pk)

    @property
    def known_names(self) -> list[str]:
        """The table's columns by name."""
        return [column["name"] for column in self.known or []]

    @property
    def known_columns(self) -> list[Column]:
        """The table's columns."""
        return [Column(name, type_) for name, type_ in self.known_types.items()]

    @property
    def known_types(self) -> dict[str, ColumnType]:
        """The table's types by column name."""
        return {column["name"]: parse_declared(column["type"]) for column in self.known or []}

    def has(self, columns: Sequence[Column]) -> bool:
        """Whether the table is known to have these columns, with these types."""
        return self.known is not None and all(column in self.known for column in as_json(columns))

    def is_exactly(self, columns: Sequence[Column]) -> bool:
        """Whether the table is known to have these columns, in this order, and no others."""
        return self.known == as_json(columns)

    def lacking(self, columns: Sequence[Column]) -> list[Column] | None:
        """The columns, of these, that the table is not known to have; None if it has others, or of other types."""
        wanted = as_json(columns)
        if self.known is None or any(column not in wanted for column in self.known):
            return None
        return [column for column, said in zip(columns, wanted, strict=True) if said not in self.known]

    def landed(self, rows: int | None, request: Request | None = None) -> Outcome:
        """Where a result has gone; `request`: what its execution asked for, where it shares the table with others."""
        asked = request or self.request
        return Outcome(self.table.schema, self.table.name, rows or 0, asked.schema, asked.table)

    def knowing(self, columns: Sequence[Column]) -> "Target":
        """The same table, with columns as Snowflake says that they are."""
        return replace(self, known=as_json(columns), verified=True)


def targets_of(
    executions: Sequence[WorkflowExecution], configuration: SnowflakeConfiguration, destination: Destination
) -> dict[str, Target]:
    """The table that each of these executions goes to, by execution id, in two queries at most.

    An own table's name is fixed once it is registered.
    """
    requests = _requests(executions)
    wanted = {
        execution.execution_id: _wanted(execution, requests[execution.execution_id], configuration, destination)
        for execution in executions
    }
    registered = _registered(configuration, destination.database, wanted.values())
    return {execution_id: _as_registered(target, registered) for execution_id, target in wanted.items()}


def as_json(columns: Sequence[Column]) -> Columns:
    return [{"name": column.name, "type": column.type.ddl} for column in columns]


def _requests(executions: Iterable[WorkflowExecution]) -> dict[str, Request]:
    """The tables and schemas that the application asked for, without the names that we wrote back to the execution."""
    named = [execution for execution in executions if execution.snowflake_table_name]
    wrote = {
        (str(execution_id), str(table)): Request(*request)
        for execution_id, table, *request in SyncQueueItem.objects.filter(
            execution_id__in=[execution.execution_id for execution in named], table_name__isnull=False
        ).values_list("execution_id", "table_name", "requested_schema", "requested_table")
    }
    return {execution.execution_id: _request(execution, wrote) for execution in executions}


def _request(execution: WorkflowExecution, wrote: Mapping[tuple[str, str], Request]) -> Request:
    name = execution.snowflake_table_name
    if not name:
        return Request(execution.snowflake_schema_name or None, None)
    if ours := wrote.get((execution.execution_id, name)):
        return ours
    if name in (_own_name(execution, "upper"), _own_name(execution, "preserve")):
        # Only we give such names, also if the items that had them are deleted with their destination.
        return Request(None, None)
    return Request(execution.snowflake_schema_name or None, name)


def _wanted(
    execution: WorkflowExecution, request: Request, configuration: SnowflakeConfiguration, destination: Destination
) -> Target:
    case: IdentifierCase = destination.identifier_case
    workflow_id = execution.workflow.workflow_id if execution.workflow else None
    schema = requested_schema(request.schema, case) if request.schema else destination.schema
    owner, made_for = None, None
    if request.table:
        name, made_for = requested_table(request.table, case), f"table {request.table}"
        workflow_id = None
    elif configuration.layout == SnowflakeConfiguration.Layout.PER_WORKFLOW and workflow_id is not None:
        name, made_for = workflow_table(workflow_id, case), f"workflow {workflow_id}"
    else:
        name, owner = _own_name(execution, case), execution.execution_id
    table = Table(destination.database, schema, name)
    return Target(configuration, request, table, owner, None, workflow_id, made_for=made_for)


def _registered(
    configuration: SnowflakeConfiguration, database: str, wanted: Iterable[Target]
) -> dict[_Key, SyncTable]:
    """The registered tables, under each key by which a target may find its own."""
    targets = list(wanted)
    tables = SyncTable.objects.filter(configuration=configuration, database_name=database)
    own = tables.filter(execution_id__in=[target.execution_id for target in targets if not target.shared])
    names = {name for target in targets if target.shared for name in (target.table.name, _other(target.table.name))}
    made_for = Q(table_name__in=names) | Q(made_for__in={target.made_for for target in targets if target.shared})
    shared = tables.filter(made_for, execution_id__isnull=True)
    rows = (*(own if any(not target.shared for target in targets) else ()), *(shared if names else ()))
    return {
        key: row
        for row in rows
        for key in (
            (row.schema_name, row.execution_id, None if row.execution_id else row.table_name),
            (row.schema_name, "", row.made_for),
        )
    }


def _as_registered(target: Target, registered: Mapping[_Key, SyncTable]) -> Target:
    schema, name = target.table.schema, target.table.name if target.shared else None
    row = (target.made_for and registered.get((schema, "", target.made_for))) or registered.get(
        (schema, target.execution_id, name)
    )
    if row and row.made_for not in (None, target.made_for):
        # The table was made for another target whose name folded to this one.
        target = replace(target, table=target.table.beside(_other(target.table.name)))
        row = registered.get((schema, None, target.table.name))
    if row is None:
        return target
    return replace(target, table=target.table.beside(row.table_name), known=row.columns, names=row.names or {})


def _other(name: str) -> str:
    """The name to use instead of one that is taken."""
    return cut(name, name, always=True)


def _own_name(execution: WorkflowExecution, case: IdentifierCase) -> str:
    """The name has the UTC day of created_at; an application's column may be NULL, without a zone, or a day itself."""
    created_at: object = execution.created_at
    began = timezone.now() if created_at is None else created_at
    if isinstance(began, datetime):
        began = (began if began.tzinfo is None else began.astimezone(UTC)).date()
    if not isinstance(began, date):
        raise failure("database_changed", "The column workflow_executions.created_at holds no timestamps")
    return table_name(began, execution.execution_id, case)
