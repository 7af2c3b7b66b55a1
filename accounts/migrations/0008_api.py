from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_key_rotation")]
    operations = [
        RunSQLFile(
            "0022_api",
            state_operations=[
                migrations.AddField(
                    "apitoken", "last_used_at", models.DateTimeField(blank=True, editable=False, null=True)
                ),
                migrations.AddField(
                    "apitoken", "revoked_at", models.DateTimeField(blank=True, editable=False, null=True)
                ),
                migrations.CreateModel(
                    name="ApiUsage",
                    fields=[
                        ("key", models.TextField(primary_key=True, serialize=False)),
                        ("since", models.DateTimeField()),
                        ("count", models.IntegerField()),
                    ],
                    options={"db_table": "snowflake_sync_api_usage"},
                ),
            ],
        ),
    ]
