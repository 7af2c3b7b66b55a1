"""Errors that somebody does not want to hear of for a while. Written by sync.operations."""

from django.db import models
from django.db.models.functions import Now


class SyncMute(models.Model):
    """A group of failures, by code, workflow and destination, that counts for no verdict until then; or alerts."""

    id = models.BigAutoField(primary_key=True)
    owner_id = models.UUIDField(null=True, help_text="In whose view of their own; null: in that of everyone's things.")
    kind = models.TextField(
        default="", db_default="", help_text="Of alerts; * is any, and empty: the group of failures."
    )
    error_code = models.TextField()
    workflow_id = models.UUIDField(null=True)
    configuration_id = models.UUIDField(null=True)
    until = models.DateTimeField(null=True, help_text="Null: until another run fails so.")
    muted_at = models.DateTimeField(db_default=Now())
    muted_by = models.UUIDField(null=True)
    muted_by_name = models.TextField(blank=True, default="", db_default="")

    class Meta:
        db_table = "snowflake_sync_mutes"
        default_permissions = ("view",)
        permissions = (("mute_errors", "Can mute errors"),)
        verbose_name = "mute"

    def __str__(self) -> str:
        return self.error_code
