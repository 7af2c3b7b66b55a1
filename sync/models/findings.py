"""What is in Snowflake against what was loaded. Written by sync.warehouse."""

from django.db import models

from accounts.models import SnowflakeConfiguration


class SyncReconciliation(models.Model):
    """A destination's last look, and the one that is asked for or under way."""

    configuration = models.OneToOneField(
        SnowflakeConfiguration, on_delete=models.CASCADE, primary_key=True, related_name="reconciliation"
    )
    asked_at = models.DateTimeField(null=True)
    busy_until = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0, db_default=0)
    tables = models.BigIntegerField(default=0, db_default=0)
    unlisted = models.BigIntegerField(default=0, db_default=0)
    strangers = models.BigIntegerField(default=0, db_default=0)
    columns_until = models.BigIntegerField(default=0, db_default=0)
    tried_at = models.DateTimeField(null=True)
    error_code = models.TextField(default="", db_default="")
    error_message = models.TextField(default="", db_default="")
    error_remedy = models.TextField(default="", db_default="")

    class Meta:
        db_table = "snowflake_sync_reconciliations"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.looked_at)


class SyncFinding(models.Model):
    """Something that is otherwise in a destination than was loaded; closed once it is not so, or was adopted."""

    class Closed(models.TextChoices):
        GONE = "gone"
        LOADED_AGAIN = "loaded_again"
        ADOPTED = "adopted"

    id = models.BigAutoField(primary_key=True)
    configuration = models.ForeignKey(SnowflakeConfiguration, on_delete=models.CASCADE)
    kind = models.TextField()
    database_name = models.TextField()
    schema_name = models.TextField()
    table_name = models.TextField()
    execution_id = models.TextField(null=True)
    expected = models.JSONField(default=dict, db_default={})
    found = models.JSONField(default=dict, db_default={})
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_how = models.TextField(null=True, choices=Closed)

    class Meta:
        db_table = "snowflake_sync_findings"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.kind}: {self.database_name}.{self.schema_name}.{self.table_name}"
