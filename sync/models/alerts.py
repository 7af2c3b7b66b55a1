"""Alerts, the channels that tell of them, and their messages. Written by sync.alerts."""

import json
import uuid
from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.secrets import Sealed


class SyncAlertChannel(Sealed, models.Model):
    """Where somebody wants to be told, and of what."""

    class Digest(models.TextChoices):
        DAILY = "daily", "every day at 08:00"
        WEEKLY = "weekly", "on Mondays at 08:00"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alert_channels")
    name = models.TextField(max_length=100)
    kind = models.TextField(help_text="How it sends: see sync.alerts.channels.")
    settings = models.JSONField(default=dict, db_default={})
    secrets_encrypted = models.TextField(null=True, editable=False)
    everyone = models.BooleanField(
        default=False, db_default=False, help_text="Also what is about others' things, and about the installation."
    )
    events = ArrayField(models.TextField(), null=True, help_text="Kinds of alerts; null: all.")
    remind_after = models.DurationField(null=True, help_text="Null: each alert is told once.")
    digest = models.TextField(null=True, choices=Digest)
    digest_at = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_at = models.DateTimeField(null=True, editable=False)
    last_answer = models.TextField(default="", db_default="", editable=False)
    last_error = models.TextField(default="", db_default="", editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    given_up_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "snowflake_sync_alert_channels"
        default_permissions = ()
        verbose_name = "channel"
        ordering: ClassVar[list[str]] = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name

    def place_of(self, column: str) -> str:
        return f"{column} of {self.pk} of {self.user_id}"

    @property
    def secrets(self) -> dict[str, str]:
        """What is secret of its settings, by field. Raises SecretUnreadableError."""
        return json.loads(self.unseal("secrets_encrypted")) if self.secrets_encrypted else {}

    @sensitive_variables()
    def seal_secrets(self, secrets: Mapping[str, str]) -> None:
        """Puts these in place of those that are stored."""
        self.seal("secrets_encrypted", json.dumps(dict(secrets)))


class SyncAlert(models.Model):
    """A condition that is open, or was."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField()
    key = models.TextField()
    user_id = models.UUIDField(null=True, help_text="Whose thing it is about; null: the installation's.")
    configuration_id = models.UUIDField(null=True)
    workflow_id = models.UUIDField(null=True)
    error_code = models.TextField(default="", db_default="")
    since = models.DateTimeField()
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    clean_looks = models.IntegerField(default=0, db_default=0)
    closed_at = models.DateTimeField(null=True)
    count = models.BigIntegerField(default=1, db_default=1)
    facts = models.JSONField(default=dict, db_default={})

    class Meta:
        db_table = "snowflake_sync_alerts"
        default_permissions = ("view",)
        verbose_name = "alert"
        ordering: ClassVar[list[str]] = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class SyncAlertDelivery(models.Model):
    """A message on its way to a channel, or what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(SyncAlertChannel, on_delete=models.CASCADE, related_name="deliveries")
    event = models.TextField()
    kind = models.TextField(default="", db_default="")
    alert_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    message = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    tries = models.IntegerField(default=0, db_default=0)
    claimed_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    answer = models.TextField(default="", db_default="")
    error = models.TextField(default="", db_default="")

    class Meta:
        db_table = "snowflake_sync_alert_deliveries"
        default_permissions = ()
        verbose_name = "delivery"
        verbose_name_plural = "deliveries"
        ordering: ClassVar[list[str]] = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.event} {self.kind}"
