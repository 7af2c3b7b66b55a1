"""The tables of the application that the sync reads, and what it writes back."""

import uuid
from typing import Any

from django.db import models
from django.db.models.functions import Cast, Now

from accounts.models import User
from accounts.reading import called


class Workflows(models.QuerySet["Workflow"]):
    def known_as(self, *ids: str) -> "Workflows":
        """Those of these `workflow_id`s; one that has none goes by its id."""
        return self.alias(id_text=Cast("id", models.TextField())).filter(
            models.Q(workflow_id__in=ids) | models.Q(workflow_id=None, id_text__in=ids)
        )


class Workflow(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workflow_id = models.TextField(unique=True)
    name = models.TextField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True)
    objects = Workflows.as_manager()

    class Meta:
        db_table = "workflows"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return called(self.name, self.workflow_id)

    @classmethod
    def from_db(cls, *values: Any, **options: Any) -> "Workflow":
        found = super().from_db(*values, **options)
        # Where `migrate` has added the column, the rows of the application have nothing in it.
        if found.__dict__.get("workflow_id", "") is None:
            found.workflow_id = str(found.pk)
        return found


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
