import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0015_snowflake_sync_mutes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RunSQLFile(
            "0032_alerts",
            state_operations=[
                migrations.CreateModel(
                    name="SyncAlert",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("kind", models.TextField()),
                        ("key", models.TextField()),
                        (
                            "user_id",
                            models.UUIDField(help_text="Whose thing it is about; null: the installation's.", null=True),
                        ),
                        ("configuration_id", models.UUIDField(null=True)),
                        ("workflow_id", models.UUIDField(null=True)),
                        ("error_code", models.TextField(db_default="", default="")),
                        ("since", models.DateTimeField()),
                        ("opened_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField()),
                        ("clean_looks", models.IntegerField(db_default=0, default=0)),
                        ("closed_at", models.DateTimeField(null=True)),
                        ("count", models.BigIntegerField(db_default=1, default=1)),
                        ("facts", models.JSONField(db_default={}, default=dict)),
                    ],
                    options={
                        "verbose_name": "alert",
                        "db_table": "snowflake_sync_alerts",
                        "ordering": ["-opened_at", "-id"],
                        "default_permissions": ("view",),
                    },
                ),
                migrations.CreateModel(
                    name="SyncAlertChannel",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("name", models.TextField(max_length=100)),
                        ("kind", models.TextField(help_text="How it sends: see sync.alerts.channels.")),
                        ("settings", models.JSONField(db_default={}, default=dict)),
                        ("secrets_encrypted", models.TextField(editable=False, null=True)),
                        (
                            "everyone",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Also what is about others' things, and about the installation.",
                            ),
                        ),
                        (
                            "events",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.TextField(),
                                help_text="Kinds of alerts; null: all.",
                                null=True,
                                size=None,
                            ),
                        ),
                        ("remind_after", models.DurationField(help_text="Null: each alert is told once.", null=True)),
                        (
                            "digest",
                            models.TextField(
                                choices=[("daily", "every day at 08:00"), ("weekly", "on Mondays at 08:00")], null=True
                            ),
                        ),
                        ("digest_at", models.DateTimeField(editable=False, null=True)),
                        ("paused_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "created_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                        ),
                        ("last_at", models.DateTimeField(editable=False, null=True)),
                        ("last_answer", models.TextField(db_default="", default="", editable=False)),
                        ("last_error", models.TextField(db_default="", default="", editable=False)),
                        ("failing_since", models.DateTimeField(editable=False, null=True)),
                        ("given_up_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="alert_channels",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "channel",
                        "db_table": "snowflake_sync_alert_channels",
                        "ordering": ["created_at", "id"],
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="SyncAlertDelivery",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("event", models.TextField()),
                        ("kind", models.TextField(db_default="", default="")),
                        (
                            "alert_ids",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), db_default=[], default=list, size=None
                            ),
                        ),
                        ("message", models.JSONField()),
                        ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ("tries", models.IntegerField(db_default=0, default=0)),
                        ("claimed_until", models.DateTimeField(null=True)),
                        ("delivered_at", models.DateTimeField(null=True)),
                        ("given_up_at", models.DateTimeField(null=True)),
                        ("answer", models.TextField(db_default="", default="")),
                        ("error", models.TextField(db_default="", default="")),
                        (
                            "channel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="deliveries",
                                to="sync.syncalertchannel",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "delivery",
                        "verbose_name_plural": "deliveries",
                        "db_table": "snowflake_sync_alert_deliveries",
                        "ordering": ["-created_at", "id"],
                        "default_permissions": (),
                    },
                ),
            ],
        ),
    ]
