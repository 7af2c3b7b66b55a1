import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0001_snowflake_sync_workflows"),
    ]
    operations = [
        RunSQLFile(
            "0010_workflow_executions",
            state_operations=[
                migrations.CreateModel(
                    name="WorkflowExecution",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("execution_id", models.TextField(unique=True)),
                        (
                            "workflow",
                            models.ForeignKey(
                                null=True, on_delete=django.db.models.deletion.CASCADE, to="sync.workflow"
                            ),
                        ),
                        ("status", models.TextField(default="pending")),
                        ("execution_parameters", models.JSONField(blank=True, null=True)),
                        ("result_columns", models.JSONField(blank=True, null=True)),
                        ("result_rows", models.JSONField(blank=True, null=True)),
                        ("result_total_rows", models.IntegerField(blank=True, null=True)),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("completed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "created_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                        ),
                        ("snowflake_enabled", models.BooleanField(default=False, null=True)),
                        ("snowflake_table_name", models.TextField(blank=True, null=True)),
                        ("snowflake_schema_name", models.TextField(blank=True, null=True)),
                        ("snowflake_status", models.TextField(editable=False, null=True)),
                        ("snowflake_error_message", models.TextField(editable=False, null=True)),
                        ("snowflake_uploaded_at", models.DateTimeField(editable=False, null=True)),
                        ("snowflake_row_count", models.IntegerField(editable=False, null=True)),
                    ],
                    options={
                        "db_table": "workflow_executions",
                        "permissions": (("backfill_workflowexecution", "Can queue past executions (backfill)"),),
                        "default_permissions": ("view",),
                    },
                ),
            ],
        ),
    ]
