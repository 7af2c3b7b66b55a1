"""How long results stay in Snowflake. Written by sync.operations."""

from django.db import models

from accounts.models import SnowflakeConfiguration


class SyncRetention(models.Model):
    """What a destination keeps of a workflow's results; without one, of all workflows without a line of their own."""

    class Keeps(models.TextChoices):
        ALL = "all", "all results"
        LAST = "last", "the last results"
        DAYS = "days", "results of the last days"

    id = models.BigAutoField(primary_key=True)
    configuration = models.ForeignKey(SnowflakeConfiguration, on_delete=models.CASCADE)
    workflow_id = models.UUIDField(null=True, help_text="workflows.id; null: all the others.")
    keeps = models.TextField(choices=Keeps)
    amount = models.IntegerField(null=True, help_text="So many results, or days.")
    only_copies = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "snowflake_sync_retention"
        default_permissions = ("view",)
        verbose_name = "retention"

    def __str__(self) -> str:
        return self.keeps
