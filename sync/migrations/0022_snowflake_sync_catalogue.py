import django.db.models.deletion
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_snowflake_sync_warehouse"),
        ("sync", "0021_snowflake_sync_views"),
    ]

    operations = [
        RunSQLFile(
            "0040_catalogue",
            state_operations=[
                migrations.CreateModel(
                    name="SyncCatalogue",
                    fields=[
                        (
                            "configuration",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="stored_catalogue",
                                serialize=False,
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                        ("database_name", models.TextField(null=True)),
                        ("schema_name", models.TextField(null=True)),
                        ("table_name", models.TextField(null=True)),
                        ("left_name", models.TextField(db_default="", default="")),
                        ("filled_at", models.DateTimeField(null=True)),
                        ("published_at", models.DateTimeField(null=True)),
                        ("busy_until", models.DateTimeField(null=True)),
                        ("failures", models.IntegerField(db_default=0, default=0)),
                        ("next_at", models.DateTimeField(null=True)),
                        ("error_code", models.TextField(null=True)),
                        ("error_message", models.TextField(null=True)),
                        ("error_remedy", models.TextField(null=True)),
                    ],
                    options={"db_table": "snowflake_sync_catalogues", "default_permissions": ()},
                ),
                migrations.AddField(
                    model_name="synctable",
                    name="deleted_at",
                    field=models.DateTimeField(null=True),
                ),
            ],
        ),
    ]
