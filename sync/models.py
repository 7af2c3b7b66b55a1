"""The tables and views of the sync, mapped. Rows of the queue are changed by sync.queue alone."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models import SnowflakeConfiguration, User


class Workflow(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workflow_id = models.TextField(unique=True)
    name = models.TextField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True)

    class Meta:
        db_table = "workflows"
        default_permissions = ("view",)

    def __str__(self) -> str:
        # An application's name may be NULL.
        return str(self.name or self.workflow_id)


class WorkflowExecution(models.Model):
    """An execution of the application, and what became of its results in Snowflake."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    execution_id = models.TextField(unique=True)
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, null=True)
    status = models.TextField(default="pending")
    execution_parameters = models.JSONField(null=True, blank=True)
    result_columns = models.JSONField(null=True, blank=True)
    result_rows = models.JSONField(null=True, blank=True)
    result_total_rows = models.IntegerField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    snowflake_enabled = models.BooleanField(null=True, default=False)
    snowflake_table_name = models.TextField(null=True, blank=True)
    snowflake_schema_name = models.TextField(null=True, blank=True)
    snowflake_status = models.TextField(null=True, editable=False)
    snowflake_error_message = models.TextField(null=True, editable=False)
    snowflake_uploaded_at = models.DateTimeField(null=True, editable=False)
    snowflake_row_count = models.IntegerField(null=True, editable=False)

    class Meta:
        db_table = "workflow_executions"
        default_permissions = ("view",)
        permissions = (("backfill_workflowexecution", "Can queue past executions (backfill)"),)

    def __str__(self) -> str:
        return self.execution_id


class SyncQueueItem(models.Model):
    """One execution on its way to one destination, or without one: not routed yet, or nowhere to go.

    What waits in `snowflake_sync_inbox`, a child of its table, is among them: to be read here, and written by routing.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        PROCESSING = "processing"
        COMPLETED = "completed"
        FAILED = "failed"
        SKIPPED = "skipped"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    execution = models.ForeignKey(
        WorkflowExecution,
        on_delete=models.CASCADE,
        to_field="execution_id",
        db_column="execution_id",
        related_name="sync_items",
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True)
    configuration = models.ForeignKey(SnowflakeConfiguration, on_delete=models.CASCADE, null=True)
    status = models.TextField(choices=Status, default=Status.PENDING)
    retry_count = models.IntegerField(default=0)
    max_retries = models.IntegerField(default=3)
    run_after = models.DateTimeField(db_default=Now())
    error_code = models.TextField(null=True)
    error_message = models.TextField(null=True)
    error_remedy = models.TextField(null=True)
    batch_key = models.TextField(null=True, help_text="Items of a destination with the same one travel together.")
    generation = models.BigIntegerField(
        default=1,
        db_default=1,
        help_text="Rises with every new result; a load of an older one is repeated.",
    )
    claimed_generation = models.BigIntegerField(null=True)
    claim_token = models.BigIntegerField(null=True)
    claimed_at = models.DateTimeField(null=True)
    worker_id = models.BigIntegerField(null=True)
    schema_name = models.TextField(null=True)
    table_name = models.TextField(null=True)
    requested_schema = models.TextField(null=True)
    requested_table = models.TextField(null=True)
    row_count = models.BigIntegerField(null=True)
    result_hash = models.BigIntegerField(null=True)
    source_version = models.TextField(null=True)
    # The transaction in Snowflake that a load began, and whose end nobody has seen yet; see sync.queue.open_loads.
    open_load = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "snowflake_sync_queue"
        verbose_name = "queue item"
        default_permissions = ("view",)
        permissions = (("retry_syncqueueitem", "Can retry and skip queue items"),)

    def __str__(self) -> str:
        return f"{self.execution_id} {self.status}"


class SyncWorker(models.Model):
    """A worker process; its heartbeat is the lease of the items that it holds."""

    id = models.BigAutoField(primary_key=True)
    host = models.TextField()
    pid = models.IntegerField()
    concurrency = models.IntegerField()
    started_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True)
    in_flight = models.IntegerField(default=0, db_default=0)
    held_back = models.TextField(null=True, help_text="Why it takes no more items: its host cannot hold their files.")

    class Meta:
        db_table = "snowflake_sync_workers"
        default_permissions = ("view",)
        verbose_name = "worker"

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class SyncTable(models.Model):
    """A table that we made in a destination: an execution's own, or one that several share."""

    id = models.BigAutoField(primary_key=True)
    configuration = models.ForeignKey(SnowflakeConfiguration, on_delete=models.CASCADE)
    database_name = models.TextField()
    schema_name = models.TextField()
    table_name = models.TextField()
    execution_id = models.TextField(null=True)
    columns = models.JSONField(null=True)
    names = models.JSONField(null=True)  # by key, a column for each time that it stands in one result
    made_for = models.TextField(null=True)  # of a shared one from before its name had a hash
    created_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "snowflake_sync_tables"
        default_permissions = ("view",)
        verbose_name = "table in Snowflake"
        verbose_name_plural = "tables in Snowflake"

    def __str__(self) -> str:
        return f"{self.database_name}.{self.schema_name}.{self.table_name}"


class SyncAttempt(models.Model):
    """One try at an item. Append-only."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(SyncQueueItem, on_delete=models.CASCADE, related_name="attempts")
    configuration = models.ForeignKey(
        SnowflakeConfiguration, on_delete=models.DO_NOTHING, null=True, db_constraint=False
    )
    worker_id = models.BigIntegerField(null=True)
    claim_token = models.BigIntegerField(null=True)
    generation = models.BigIntegerField(null=True)
    outcome = models.TextField()
    due_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(db_default=Now())
    timings = models.JSONField(null=True, help_text="Milliseconds a stage.")
    row_count = models.BigIntegerField(null=True)
    byte_count = models.BigIntegerField(null=True)
    batch_size = models.IntegerField(
        default=1,
        db_default=1,
        help_text="Executions that travelled together: statements and query ids are those of all of them.",
    )
    statement_count = models.IntegerField(null=True)
    query_ids = ArrayField(models.TextField(), null=True)
    error_code = models.TextField(null=True)
    error_message = models.TextField(null=True)
    error_remedy = models.TextField(null=True)

    class Meta:
        db_table = "snowflake_sync_attempts"
        default_permissions = ("view",)
        verbose_name = "attempt"
        ordering: ClassVar[list[str]] = ["item_id", "id"]

    def __str__(self) -> str:
        return f"{self.outcome} {self.finished_at}"


class SyncRollup(models.Model):
    """How many items of an owner, destination, status and error code there are. Kept by sync.reporting."""

    key = models.TextField(primary_key=True)
    user_id = models.UUIDField(null=True)
    configuration_id = models.UUIDField(null=True)
    status = models.TextField()
    error_code = models.TextField(null=True)
    count = models.BigIntegerField()
    retries = models.BigIntegerField()
    oldest_item = models.DateTimeField(null=True)
    newest_item = models.DateTimeField(null=True)
    oldest_run_after = models.DateTimeField(null=True)
    last_change = models.DateTimeField(null=True)
    last_hour = models.BigIntegerField()
    last_day = models.BigIntegerField()
    last_week = models.BigIntegerField()

    class Meta:
        db_table = "snowflake_sync_rollup"

    def __str__(self) -> str:
        return self.key


class SyncRollupMade(models.Model):
    """When the lines were made, and how many seconds it took. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1, db_default=1)
    as_of = models.DateTimeField()
    seconds = models.FloatField(default=0, db_default=0)

    class Meta:
        db_table = "snowflake_sync_rollup_made"

    def __str__(self) -> str:
        return str(self.as_of)


class QueueSummary(models.Model):
    """A line for each status, from the view."""

    status = models.TextField(primary_key=True)
    count = models.BigIntegerField()
    oldest_item = models.DateTimeField(null=True)
    newest_item = models.DateTimeField(null=True)
    avg_retries = models.DecimalField(max_digits=20, decimal_places=4, null=True)

    class Meta:
        managed = False
        default_permissions = ()
        db_table = "snowflake_sync_queue_summary"

    def __str__(self) -> str:
        return f"{self.status}: {self.count}"


class SyncFailure(models.Model):
    """A failed item with all that a person wants to know of it, from the view."""

    id = models.UUIDField(primary_key=True)
    execution_id = models.TextField()
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, null=True)
    status = models.TextField()
    retry_count = models.IntegerField()
    max_retries = models.IntegerField()
    error_message = models.TextField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    execution_status = models.TextField(null=True)
    execution_created_at = models.DateTimeField(null=True)
    workflow_name = models.TextField(null=True)
    user_email = models.TextField(null=True)

    class Meta:
        managed = False
        default_permissions = ()
        db_table = "snowflake_sync_failures"

    def __str__(self) -> str:
        return f"{self.execution_id}: {self.error_message}"
