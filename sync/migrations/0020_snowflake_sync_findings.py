import django.db.models.deletion
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_snowflake_sync_warehouse"),
        ("sync", "0019_snowflake_sync_results"),
    ]
    operations = [
        RunSQLFile(
            "0038_findings",
            state_operations=[
                migrations.CreateModel(
                    name="SyncReconciliation",
                    fields=[
                        (
                            "configuration",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="reconciliation",
                                serialize=False,
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(null=True)),
                        ("busy_until", models.DateTimeField(null=True)),
                        ("looked_at", models.DateTimeField(null=True)),
                        ("seconds", models.FloatField(db_default=0, default=0)),
                        ("tables", models.BigIntegerField(db_default=0, default=0)),
                        ("unlisted", models.BigIntegerField(db_default=0, default=0)),
                        ("strangers", models.BigIntegerField(db_default=0, default=0)),
                        ("columns_until", models.BigIntegerField(db_default=0, default=0)),
                        ("tried_at", models.DateTimeField(null=True)),
                        ("error_code", models.TextField(db_default="", default="")),
                        ("error_message", models.TextField(db_default="", default="")),
                        ("error_remedy", models.TextField(db_default="", default="")),
                    ],
                    options={
                        "db_table": "snowflake_sync_reconciliations",
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="SyncFinding",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("kind", models.TextField()),
                        ("database_name", models.TextField()),
                        ("schema_name", models.TextField()),
                        ("table_name", models.TextField()),
                        ("execution_id", models.TextField(null=True)),
                        ("expected", models.JSONField(db_default={}, default=dict)),
                        ("found", models.JSONField(db_default={}, default=dict)),
                        ("first_seen_at", models.DateTimeField()),
                        ("last_seen_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(null=True)),
                        (
                            "closed_how",
                            models.TextField(
                                choices=[("gone", "Gone"), ("loaded_again", "Loaded Again"), ("adopted", "Adopted")],
                                null=True,
                            ),
                        ),
                        (
                            "configuration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="accounts.snowflakeconfiguration"
                            ),
                        ),
                    ],
                    options={
                        "db_table": "snowflake_sync_findings",
                        "default_permissions": (),
                    },
                ),
            ],
        ),
    ]
