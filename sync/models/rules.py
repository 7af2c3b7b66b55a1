"""Rules of a destination as they are edited, and as they were each time that they changed. See sync.operations."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import SnowflakeConfiguration
from accounts.secrets import Sealed


class SyncRule(models.Model):
    """A rule of a destination: which executions, which columns, which rows go there. sync.rules knows what it says."""

    class Kind(models.TextChoices):
        SCOPE = "scope", "which executions"
        COLUMN = "column", "what becomes of columns"
        ROWS = "rows", "which rows"
        ADD = "add", "a column more"
        NEW_COLUMNS = "new_columns", "columns that no earlier result had"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    configuration = models.ForeignKey(SnowflakeConfiguration, on_delete=models.CASCADE, related_name="rules")
    position = models.IntegerField(help_text="Rules are followed in this order, the lowest first.")
    name = models.TextField(max_length=100, help_text="By which the rule is known wherever it takes effect.")
    kind = models.TextField(choices=Kind)
    workflow = models.TextField(
        default="*",
        db_default="*",
        max_length=500,
        help_text="The workflow_id of those that it is for; * stands for any characters, and alone for all workflows.",
    )
    settings = models.JSONField(default=dict, db_default={}, help_text="What it does, as its kind asks for.")
    note = models.TextField(blank=True, default="", db_default="", max_length=1000, help_text="For people.")
    is_active = models.BooleanField(default=True, db_default=True)
    author = models.TextField(blank=True, default="", db_default="", editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "snowflake_sync_rules"
        verbose_name = "rule"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["configuration_id", "position", "id"]

    def __str__(self) -> str:
        return self.name


class SyncRuleVersion(models.Model):
    """All rules of a destination from a moment on: what a load goes by, and says that it went by. Never changed."""

    id = models.BigAutoField(primary_key=True)
    configuration = models.ForeignKey(SnowflakeConfiguration, on_delete=models.CASCADE, related_name="rule_versions")
    version = models.IntegerField(help_text="From 1; 0 is: no rules yet.")
    rules = models.JSONField(help_text="As a document of rules says them, in order.")
    # Which of the destination's keys hashes are made with; NULL: none is needed.
    hash_key = models.IntegerField(null=True)
    author = models.TextField(blank=True, default="", db_default="")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "snowflake_sync_rule_versions"
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["configuration_id", "version"]

    def __str__(self) -> str:
        return f"{self.configuration_id} {self.version}"


class SyncHashKey(Sealed, models.Model):
    """A key that values for a destination are hashed with, encrypted. The one with the highest number is in use."""

    id = models.BigAutoField(primary_key=True)
    configuration = models.ForeignKey(SnowflakeConfiguration, on_delete=models.CASCADE, related_name="hash_keys")
    number = models.IntegerField()
    key_encrypted = models.TextField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "snowflake_sync_hash_keys"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.configuration_id} {self.number}"

    def place_of(self, column: str) -> str:
        return f"{column} {self.number} of {self.configuration_id} of {self.configuration.user_id}"


class SyncKnownColumn(models.Model):
    """A column that results of a workflow had, as far as a rule about new columns had to ask."""

    id = models.BigAutoField(primary_key=True)
    configuration = models.ForeignKey(SnowflakeConfiguration, on_delete=models.CASCADE)
    workflow_id = models.TextField()
    key = models.TextField()
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "snowflake_sync_known_columns"
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
