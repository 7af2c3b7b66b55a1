import django.db.models.functions.datetime
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0014_snowflake_sync_activity")]
    operations = [
        RunSQLFile(
            "0031_mutes",
            state_operations=[
                migrations.CreateModel(
                    name="SyncErrorGroup",
                    fields=[
                        ("key", models.TextField(primary_key=True, serialize=False)),
                        ("user_id", models.UUIDField(null=True)),
                        ("error_code", models.TextField()),
                        ("workflow_id", models.UUIDField(null=True)),
                        ("configuration_id", models.UUIDField(null=True)),
                        ("count", models.BigIntegerField()),
                        ("first_at", models.DateTimeField()),
                        ("last_at", models.DateTimeField()),
                        ("last_hour", models.BigIntegerField()),
                        ("last_day", models.BigIntegerField()),
                        ("last_week", models.BigIntegerField()),
                        ("curve", models.JSONField()),
                    ],
                    options={
                        "db_table": "snowflake_sync_error_groups",
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="SyncMute",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "owner_id",
                            models.UUIDField(
                                help_text="In whose view of their own; null: in that of everyone's things.", null=True
                            ),
                        ),
                        (
                            "kind",
                            models.TextField(
                                db_default="",
                                default="",
                                help_text="Of alerts; * is any, and empty: the group of failures.",
                            ),
                        ),
                        ("error_code", models.TextField()),
                        ("workflow_id", models.UUIDField(null=True)),
                        ("configuration_id", models.UUIDField(null=True)),
                        ("until", models.DateTimeField(help_text="Null: until another run fails so.", null=True)),
                        ("muted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("muted_by", models.UUIDField(null=True)),
                        ("muted_by_name", models.TextField(blank=True, db_default="", default="")),
                    ],
                    options={
                        "verbose_name": "mute",
                        "db_table": "snowflake_sync_mutes",
                        "permissions": (("mute_errors", "Can mute errors"),),
                        "default_permissions": ("view",),
                    },
                ),
            ],
        ),
    ]
