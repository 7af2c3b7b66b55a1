import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0004_queue_indexes")]
    operations = [
        RunSQLFile(
            "0010_workers_tables_attempts",
            state_operations=[
                migrations.CreateModel(
                    name="SyncWorker",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("host", models.TextField()),
                        ("pid", models.IntegerField()),
                        ("concurrency", models.IntegerField()),
                        (
                            "started_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                        (
                            "heartbeat_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                        ("stopped_at", models.DateTimeField(null=True)),
                        ("in_flight", models.IntegerField(db_default=0, default=0)),
                    ],
                    options={
                        "verbose_name": "worker",
                        "db_table": "snowflake_sync_workers",
                    },
                ),
                migrations.CreateModel(
                    name="SyncTable",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("database_name", models.TextField()),
                        ("schema_name", models.TextField()),
                        ("table_name", models.TextField()),
                        ("execution_id", models.TextField(null=True)),
                        ("columns", models.JSONField(null=True)),
                        (
                            "created_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                        ("seen_at", models.DateTimeField(null=True)),
                        (
                            "configuration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "table in Snowflake",
                        "verbose_name_plural": "tables in Snowflake",
                        "db_table": "snowflake_sync_tables",
                    },
                ),
                migrations.CreateModel(
                    name="SyncAttempt",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("worker_id", models.BigIntegerField(null=True)),
                        ("claim_token", models.BigIntegerField(null=True)),
                        ("generation", models.BigIntegerField(null=True)),
                        ("outcome", models.TextField()),
                        ("started_at", models.DateTimeField(null=True)),
                        (
                            "finished_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                        ),
                        ("timings", models.JSONField(help_text="Milliseconds a stage.", null=True)),
                        ("row_count", models.BigIntegerField(null=True)),
                        ("byte_count", models.BigIntegerField(null=True)),
                        ("statement_count", models.IntegerField(null=True)),
                        (
                            "query_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.TextField(), null=True, size=None
                            ),
                        ),
                        ("error_code", models.TextField(null=True)),
                        ("error_message", models.TextField(null=True)),
                        (
                            "configuration",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="attempts",
                                to="sync.syncqueueitem",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "attempt",
                        "db_table": "snowflake_sync_attempts",
                        "ordering": ["item_id", "id"],
                    },
                ),
            ],
        ),
    ]
