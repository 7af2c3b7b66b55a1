import django.db.models.functions.datetime
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0013_snowflake_sync_rules")]
    operations = [
        RunSQLFile(
            "0029_activity",
            state_operations=[
                migrations.CreateModel(
                    name="SyncActivity",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("user_id", models.UUIDField(null=True)),
                        ("user_name", models.TextField(blank=True, db_default="", default="")),
                        (
                            "face",
                            models.TextField(
                                choices=[
                                    ("console", "console"),
                                    ("admin", "admin"),
                                    ("api", "API"),
                                    ("command", "command"),
                                    ("worker", "worker"),
                                    ("application", "application"),
                                ]
                            ),
                        ),
                        ("token_name", models.TextField(blank=True, db_default="", default="")),
                        ("action", models.TextField()),
                        ("subject_kind", models.TextField()),
                        ("subject_id", models.TextField(blank=True, db_default="", default="")),
                        ("subject_name", models.TextField(blank=True, db_default="", default="")),
                        (
                            "owner_id",
                            models.UUIDField(
                                help_text="Whose thing it is; null: nobody's, or several users'.", null=True
                            ),
                        ),
                        ("changes", models.JSONField(db_default=[], default=list)),
                        ("count", models.BigIntegerField(help_text="How many it was done to.", null=True)),
                        ("note", models.TextField(blank=True, db_default="", default="")),
                    ],
                    options={
                        "verbose_name": "activity",
                        "verbose_name_plural": "activity",
                        "db_table": "snowflake_sync_activity",
                        "ordering": ["-at", "-id"],
                        "default_permissions": ("view",),
                    },
                ),
            ],
        )
    ]
