"""What is kept beside the queue: tables that were made, counts, and the documented views."""

from django.db import models
from django.db.models.functions import Now

from accounts.models import SnowflakeConfiguration, User


class SyncTable(models.Model):
    """A table that we made in a destination: an execution's own, or one that several share.

    It outlives the destination, the user and the workflow: what is left in Snowflake can be erased without their rows.
    """

    id = models.BigAutoField(primary_key=True)
    configuration = models.ForeignKey(
        SnowflakeConfiguration, on_delete=models.DO_NOTHING, null=True, db_constraint=False
    )
    user_id = models.UUIDField(null=True)
    account = models.TextField(null=True)  # as it was typed when the table was registered
    workflow_id = models.TextField(null=True)  # of the execution, or of the workflow whose table it is
    database_name = models.TextField()
    schema_name = models.TextField()
    table_name = models.TextField()
    execution_id = models.TextField(null=True)
    columns = models.JSONField(null=True)
    names = models.JSONField(null=True)  # by key, a column for each time that it stands in one result
    made_for = models.TextField(null=True)  # of a shared one from before its name had a hash
    created_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)  # when its execution was seen to be gone

    class Meta:
        db_table = "snowflake_sync_tables"
        default_permissions = ("view",)
        verbose_name = "table in Snowflake"
        verbose_name_plural = "tables in Snowflake"

    def __str__(self) -> str:
        return f"{self.database_name}.{self.schema_name}.{self.table_name}"


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


class SyncErrorGroup(models.Model):
    """How many items of an owner failed alike: by code, workflow and destination. Kept by sync.reporting."""

    key = models.TextField(primary_key=True)
    user_id = models.UUIDField(null=True)
    error_code = models.TextField()
    workflow_id = models.UUIDField(null=True)
    configuration_id = models.UUIDField(null=True)
    count = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_hour = models.BigIntegerField()
    last_day = models.BigIntegerField()
    last_week = models.BigIntegerField()
    curve = models.JSONField()

    class Meta:
        db_table = "snowflake_sync_error_groups"
        default_permissions = ()

    def __str__(self) -> str:
        return self.key


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
