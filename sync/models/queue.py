"""The queue, what works on it, and what was tried. Rows of the queue are changed by sync.queue alone."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from accounts.models import SnowflakeConfiguration, User
from sync.models.application import WorkflowExecution


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
    rules_version = models.IntegerField(
        null=True, help_text="Of the destination's rules, by which the result was loaded; 0: there were none."
    )
    source_row_count = models.BigIntegerField(
        null=True, help_text="The result's rows, where a rule has left some of them out."
    )
    # It is to be taken out of Snowflake, if the rules still exclude it then.
    is_to_be_removed = models.BooleanField(default=False, db_default=False)
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
    follows_rules = models.BooleanField(default=True, db_default=False)

    class Meta:
        db_table = "snowflake_sync_workers"
        default_permissions = ("view",)
        verbose_name = "worker"

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


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
    source_row_count = models.BigIntegerField(
        null=True, help_text="The result's rows, where a rule has left some of them out."
    )
    rules_version = models.IntegerField(
        null=True, help_text="Of the destination's rules, by which it went; 0: there were none."
    )
    dropped_columns = ArrayField(
        models.TextField(), null=True, help_text="Left out because no earlier result of the workflow had them."
    )
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
