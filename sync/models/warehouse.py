"""What is kept in a destination beside its results."""

from django.db import models

from accounts.models import SnowflakeConfiguration


class SyncCatalogue(models.Model):
    """How the catalogue of a destination stands: the table in Snowflake that has a row an execution.

    Kept by sync.warehouse; migrations_sql/0040_catalogue says what each column means.
    """

    configuration = models.OneToOneField(
        SnowflakeConfiguration, on_delete=models.CASCADE, primary_key=True, related_name="stored_catalogue"
    )
    database_name = models.TextField(null=True)
    schema_name = models.TextField(null=True)
    table_name = models.TextField(null=True)
    left_name = models.TextField(default="", db_default="")
    filled_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    busy_until = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True)
    error_code = models.TextField(null=True)
    error_message = models.TextField(null=True)
    error_remedy = models.TextField(null=True)

    class Meta:
        db_table = "snowflake_sync_catalogues"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.database_name}.{self.schema_name}.{self.table_name}"
