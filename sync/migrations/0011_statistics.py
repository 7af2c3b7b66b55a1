from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("sync", "0010_lane_indexes")]
    operations = [
        RunSQLFile(
            "0021_statistics",
            concurrently=True,
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
                    options={"db_table": "snowflake_sync_rollup"},
                ),
                migrations.CreateModel(
                    name="SyncRollupMade",
                    fields=[
                        ("id", models.SmallIntegerField(db_default=1, default=1, primary_key=True, serialize=False)),
                        ("as_of", models.DateTimeField()),
                        ("seconds", models.FloatField(db_default=0, default=0)),
                    ],
                    options={"db_table": "snowflake_sync_rollup_made"},
                ),
            ],
        ),
    ]
