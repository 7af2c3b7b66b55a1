"""Who has changed what. Written by sync.activity."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class SyncActivity(models.Model):
    """A change that somebody made, or a worker. It outlives what it speaks of; names are those of the moment."""

    class Face(models.TextChoices):
        CONSOLE = "console", "console"
        ADMIN = "admin", "admin"
        API = "api", "API"
        COMMAND = "command", "command"
        WORKER = "worker", "worker"
        # The application that embeds the sync, or calls it.
        APPLICATION = "application", "application"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    user_id = models.UUIDField(null=True)
    user_name = models.TextField(blank=True, default="", db_default="")
    face = models.TextField(choices=Face)
    token_name = models.TextField(blank=True, default="", db_default="")
    action = models.TextField()
    subject_kind = models.TextField()
    subject_id = models.TextField(blank=True, default="", db_default="")
    subject_name = models.TextField(blank=True, default="", db_default="")
    owner_id = models.UUIDField(null=True, help_text="Whose thing it is; null: nobody's, or several users'.")
    changes = models.JSONField(default=list, db_default=[])
    count = models.BigIntegerField(null=True, help_text="How many it was done to.")
    note = models.TextField(blank=True, default="", db_default="")

    class Meta:
        db_table = "snowflake_sync_activity"
        default_permissions = ("view",)
        verbose_name = "activity"
        verbose_name_plural = "activity"
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.user_name or self.face}: {self.action} {self.subject_name}"
