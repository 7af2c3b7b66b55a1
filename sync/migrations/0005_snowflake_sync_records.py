import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0004_snowflake_sync_indexes"),
    ]
    operations = [
        RunSQLFile(
            "0013_workers",
            state_operations=[
                migrations.CreateModel(
                    name="SyncWorker",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("host", models.TextField()),
                        ("pid", models.IntegerField()),
                        ("concurrency", models.IntegerField()),
                        ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("heartbeat_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("stopped_at", models.DateTimeField(null=True)),
                        ("in_flight", models.IntegerField(db_default=0, default=0)),
                        (
                            "held_back",
                            models.TextField(
                                help_text="Why it takes no more items: its host cannot hold their files.", null=True
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "worker",
                        "db_table": "snowflake_sync_workers",
                        "default_permissions": ("view",),
                    },
                ),
            ],
        ),
        RunSQLFile("0016_sweep"),
        RunSQLFile(
            "0017_statistics",
            state_operations=[
                migrations.CreateModel(
                    name="SyncRollup",
                    fields=[
                        ("key", models.TextField(primary_key=True, serialize=False)),
                        ("user_id", models.UUIDField(null=True)),
                        ("configuration_id", models.UUIDField(null=True)),
                        ("status", models.TextField()),
                        ("error_code", models.TextField(null=True)),
                        ("count", models.BigIntegerField()),
                        ("retries", models.BigIntegerField()),
                        ("oldest_item", models.DateTimeField(null=True)),
                        ("newest_item", models.DateTimeField(null=True)),
                        ("oldest_run_after", models.DateTimeField(null=True)),
                        ("last_change", models.DateTimeField(null=True)),
                        ("last_hour", models.BigIntegerField()),
                        ("last_day", models.BigIntegerField()),
                        ("last_week", models.BigIntegerField()),
                    ],
                    options={
                        "db_table": "snowflake_sync_rollup",
                    },
                ),
                migrations.CreateModel(
                    name="SyncRollupMade",
                    fields=[
                        ("id", models.SmallIntegerField(db_default=1, default=1, primary_key=True, serialize=False)),
                        ("as_of", models.DateTimeField()),
                        ("seconds", models.FloatField(db_default=0, default=0)),
                    ],
                    options={
                        "db_table": "snowflake_sync_rollup_made",
                    },
                ),
            ],
        ),
        RunSQLFile("0018_history"),
        RunSQLFile(
            "0014_tables",
            state_operations=[
                migrations.CreateModel(
                    name="SyncTable",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "configuration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="accounts.snowflakeconfiguration"
                            ),
                        ),
                        ("database_name", models.TextField()),
                        ("schema_name", models.TextField()),
                        ("table_name", models.TextField()),
                        ("execution_id", models.TextField(null=True)),
                        ("columns", models.JSONField(null=True)),
                        ("names", models.JSONField(null=True)),
                        ("made_for", models.TextField(null=True)),
                        ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("seen_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "verbose_name": "table in Snowflake",
                        "verbose_name_plural": "tables in Snowflake",
                        "db_table": "snowflake_sync_tables",
                        "default_permissions": ("view",),
                    },
                ),
            ],
        ),
        RunSQLFile(
            "0015_attempts",
            state_operations=[
                migrations.CreateModel(
                    name="SyncAttempt",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="attempts",
                                to="sync.syncqueueitem",
                            ),
                        ),
                        (
                            "configuration",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                        ("worker_id", models.BigIntegerField(null=True)),
                        ("claim_token", models.BigIntegerField(null=True)),
                        ("generation", models.BigIntegerField(null=True)),
                        ("outcome", models.TextField()),
                        ("due_at", models.DateTimeField(null=True)),
                        ("started_at", models.DateTimeField(null=True)),
                        ("finished_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("timings", models.JSONField(help_text="Milliseconds a stage.", null=True)),
                        ("row_count", models.BigIntegerField(null=True)),
                        ("byte_count", models.BigIntegerField(null=True)),
                        (
                            "batch_size",
                            models.IntegerField(
                                db_default=1,
                                default=1,
                                help_text="Executions that travelled together: statements and query ids are those of all of them.",
                            ),
                        ),
                        ("statement_count", models.IntegerField(null=True)),
                        (
                            "query_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.TextField(), null=True, size=None
                            ),
                        ),
                        ("error_code", models.TextField(null=True)),
                        ("error_message", models.TextField(null=True)),
                        ("error_remedy", models.TextField(null=True)),
                    ],
                    options={
                        "verbose_name": "attempt",
                        "db_table": "snowflake_sync_attempts",
                        "ordering": ["item_id", "id"],
                        "default_permissions": ("view",),
                    },
                ),
            ],
        ),
        RunSQLFile("0019_removed_items"),
    ]
