"""What the demo tells at its end: the figures, what failed and why, and rows read back from Snowflake."""

from dataclasses import asdict, dataclass

from django.db.models import Count, Q

from sandbox.snowflake.client import LocalSnowflake
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, WorkflowExecution
from sync.reporting import failed_syncs
from sync.snowflake.identifiers import qualified


@dataclass(frozen=True)
class Summary:
    """Items are counted an execution and destination; `statements` are those that Snowflake has counted."""

    executions: int
    completed: int
    failed: int
    skipped: int
    rows: int
    tables: int
    statements: int
    seconds: float

    def as_json(self) -> dict[str, float]:
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.executions} executions: {self.completed} loads completed, {self.failed} failed, "
            f"{self.skipped} skipped.\n"
            f"{self.rows} rows in {self.tables} tables, {self.statements} Snowflake statements, "
            f"{self.seconds:.1f} s."
        )


def summary(statements: int, seconds: float) -> Summary:
    """What the database says."""
    Status = SyncQueueItem.Status  # noqa: N806 - a class
    items = SyncQueueItem.objects.aggregate(
        completed=Count("pk", filter=Q(status=Status.COMPLETED)),
        failed=Count("pk", filter=Q(status=Status.FAILED)),
        skipped=Count("pk", filter=Q(status=Status.SKIPPED)),
    )
    rows = SyncAttempt.objects.filter(outcome="completed").values_list("row_count", flat=True)
    return Summary(
        executions=WorkflowExecution.objects.filter(status="completed").count(),
        **items,
        rows=sum(count or 0 for count in rows),
        tables=SyncTable.objects.filter(columns__isnull=False).count(),
        statements=statements,
        seconds=round(seconds, 2),
    )


def failures() -> list[str]:
    """A line a failure: what happened, to what, what to do."""
    return [
        "{workflow_name} ({execution_id:.8}…): {error_message} {what_to_do}".format_map(line) for line in failed_syncs()
    ]


def read_back(snowflake: LocalSnowflake, count: int = 4) -> list[str]:
    """A few rows of one table, from Snowflake."""
    item = (
        SyncQueueItem.objects.filter(status="completed", row_count__gt=0)
        .select_related("configuration")
        .order_by("processed_at")
        .first()
    )
    if item is None or item.configuration is None:
        return []
    table = qualified(item.configuration.database, str(item.schema_name), str(item.table_name))
    connection = snowflake.connect(database=item.configuration.database, schema=str(item.schema_name))
    with connection, connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM {table} ORDER BY "_ROW_NUMBER" LIMIT {count}')
        names = [column[0] for column in cursor.description]
        lines = [f"SELECT * FROM {table} LIMIT {count}", " | ".join(names)]
        return lines + [" | ".join(_short(value) for value in row) for row in cursor.fetchall()]


def _short(value: object) -> str:
    text = "NULL" if value is None else str(value).replace("\n", "⏎")
    return text if len(text) <= 28 else f"{text[:27]}…"
