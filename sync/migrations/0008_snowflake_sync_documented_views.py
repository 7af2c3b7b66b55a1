import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0007_snowflake_sync_constraints"),
    ]
    operations = [
        RunSQLFile(
            "0022_views",
            state_operations=[
                migrations.CreateModel(
                    name="QueueSummary",
                    fields=[
                        ("status", models.TextField(primary_key=True, serialize=False)),
                        ("count", models.BigIntegerField()),
                        ("oldest_item", models.DateTimeField(null=True)),
                        ("newest_item", models.DateTimeField(null=True)),
                        ("avg_retries", models.DecimalField(decimal_places=4, max_digits=20, null=True)),
                    ],
                    options={
                        "db_table": "snowflake_sync_queue_summary",
                        "managed": False,
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="SyncFailure",
                    fields=[
                        ("id", models.UUIDField(primary_key=True, serialize=False)),
                        ("execution_id", models.TextField()),
                        (
                            "user",
                            models.ForeignKey(
                                null=True, on_delete=django.db.models.deletion.DO_NOTHING, to=settings.AUTH_USER_MODEL
                            ),
                        ),
                        ("status", models.TextField()),
                        ("retry_count", models.IntegerField()),
                        ("max_retries", models.IntegerField()),
                        ("error_message", models.TextField(null=True)),
                        ("created_at", models.DateTimeField()),
                        ("updated_at", models.DateTimeField()),
                        ("processed_at", models.DateTimeField(null=True)),
                        ("execution_status", models.TextField(null=True)),
                        ("execution_created_at", models.DateTimeField(null=True)),
                        ("workflow_name", models.TextField(null=True)),
                        ("user_email", models.TextField(null=True)),
                    ],
                    options={
                        "db_table": "snowflake_sync_failures",
                        "managed": False,
                        "default_permissions": (),
                    },
                ),
            ],
        ),
    ]
