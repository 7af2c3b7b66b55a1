import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0002_snowflake_sync_executions"),
    ]
    operations = [
        RunSQLFile(
            "0011_queue",
            state_operations=[
                migrations.CreateModel(
                    name="SyncQueueItem",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "execution",
                            models.ForeignKey(
                                db_column="execution_id",
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sync_items",
                                to="sync.workflowexecution",
                                to_field="execution_id",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        (
                            "configuration",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                        (
                            "status",
                            models.TextField(
                                choices=[
                                    ("pending", "Pending"),
                                    ("processing", "Processing"),
                                    ("completed", "Completed"),
                                    ("failed", "Failed"),
                                    ("skipped", "Skipped"),
                                ],
                                default="pending",
                            ),
                        ),
                        ("retry_count", models.IntegerField(default=0)),
                        ("max_retries", models.IntegerField(default=3)),
                        ("run_after", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("error_code", models.TextField(null=True)),
                        ("error_message", models.TextField(null=True)),
                        ("error_remedy", models.TextField(null=True)),
                        (
                            "batch_key",
                            models.TextField(
                                help_text="Items of a destination with the same one travel together.", null=True
                            ),
                        ),
                        (
                            "generation",
                            models.BigIntegerField(
                                db_default=1,
                                default=1,
                                help_text="Rises with every new result; a load of an older one is repeated.",
                            ),
                        ),
                        ("claimed_generation", models.BigIntegerField(null=True)),
                        ("claim_token", models.BigIntegerField(null=True)),
                        ("claimed_at", models.DateTimeField(null=True)),
                        ("worker_id", models.BigIntegerField(null=True)),
                        ("schema_name", models.TextField(null=True)),
                        ("table_name", models.TextField(null=True)),
                        ("requested_schema", models.TextField(null=True)),
                        ("requested_table", models.TextField(null=True)),
                        ("row_count", models.BigIntegerField(null=True)),
                        ("result_hash", models.BigIntegerField(null=True)),
                        ("source_version", models.TextField(null=True)),
                        ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("processed_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "queue item",
                        "db_table": "snowflake_sync_queue",
                        "permissions": (("retry_syncqueueitem", "Can retry and skip queue items"),),
                        "default_permissions": ("view",),
                    },
                ),
            ],
        ),
    ]
