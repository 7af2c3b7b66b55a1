import django.db.models.deletion
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0017_snowflake_sync_erasure"),
        ("accounts", "0007_snowflake_sync_warehouse"),
    ]

    operations = [
        RunSQLFile(
            "0036_retention",
            state_operations=[
                migrations.CreateModel(
                    name="SyncRetention",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("workflow_id", models.UUIDField(help_text="workflows.id; null: all the others.", null=True)),
                        (
                            "keeps",
                            models.TextField(
                                choices=[
                                    ("all", "all results"),
                                    ("last", "the last results"),
                                    ("days", "results of the last days"),
                                ]
                            ),
                        ),
                        ("amount", models.IntegerField(help_text="So many results, or days.", null=True)),
                        ("only_copies", models.BooleanField(db_default=False, default=False)),
                        (
                            "configuration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="accounts.snowflakeconfiguration"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "retention",
                        "db_table": "snowflake_sync_retention",
                        "default_permissions": ("view",),
                    },
                ),
            ],
        ),
    ]
