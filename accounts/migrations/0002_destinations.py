import datetime
import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]
    operations = [
        RunSQLFile(
            "0007_snowflake_configurations",
            state_operations=[
                migrations.CreateModel(
                    name="SnowflakeConfiguration",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="snowflake_configurations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("name", models.TextField(blank=True, db_default="", default="")),
                        ("account_identifier", models.TextField()),
                        ("warehouse", models.TextField()),
                        ("database", models.TextField()),
                        ("schema", models.TextField(default="PUBLIC")),
                        ("role", models.TextField(blank=True, null=True)),
                        ("username", models.TextField()),
                        (
                            "auth_method",
                            models.TextField(
                                choices=[
                                    ("auto", "by the secret that is there"),
                                    ("key_pair", "key pair"),
                                    ("access_token", "programmatic access token"),
                                    ("oauth", "OAuth token"),
                                    ("password", "password (legacy)"),
                                ],
                                db_default="auto",
                                default="auto",
                            ),
                        ),
                        ("password_encrypted", models.TextField(blank=True, editable=False, null=True)),
                        ("private_key_encrypted", models.TextField(blank=True, editable=False, null=True)),
                        ("token_encrypted", models.TextField(blank=True, editable=False, null=True)),
                        (
                            "private_key_slot",
                            models.SmallIntegerField(
                                choices=[(1, "RSA_PUBLIC_KEY"), (2, "RSA_PUBLIC_KEY_2")], db_default=1, default=1
                            ),
                        ),
                        ("next_private_key_encrypted", models.TextField(blank=True, editable=False, null=True)),
                        (
                            "layout",
                            models.TextField(
                                choices=[
                                    ("per_execution", "a table an execution"),
                                    ("per_workflow", "a table a workflow"),
                                ],
                                db_default="per_execution",
                                default="per_execution",
                            ),
                        ),
                        (
                            "identifier_case",
                            models.TextField(
                                choices=[
                                    ("upper", "upper case, needs no quotes"),
                                    ("preserve", "as it is, needs quotes"),
                                ],
                                db_default="upper",
                                default="upper",
                            ),
                        ),
                        (
                            "min_interval",
                            models.DurationField(db_default=datetime.timedelta(0), default=datetime.timedelta),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "breaker_state",
                            models.TextField(
                                choices=[("closed", "working"), ("open", "paused")],
                                db_default="closed",
                                default="closed",
                                editable=False,
                            ),
                        ),
                        ("breaker_until", models.DateTimeField(editable=False, null=True)),
                        ("breaker_code", models.TextField(editable=False, null=True)),
                        ("breaker_reason", models.TextField(editable=False, null=True)),
                        ("breaker_failures", models.IntegerField(db_default=0, default=0, editable=False)),
                        ("last_login_at", models.DateTimeField(editable=False, null=True)),
                        ("trial_until", models.DateTimeField(editable=False, null=True)),
                        ("window_opened_at", models.DateTimeField(editable=False, null=True)),
                        ("stage_swept_at", models.DateTimeField(editable=False, null=True)),
                        ("last_check_at", models.DateTimeField(editable=False, null=True)),
                        ("last_check", models.JSONField(editable=False, null=True)),
                        ("settings_version", models.IntegerField(db_default=0, default=0, editable=False)),
                        ("check_refusals", models.IntegerField(db_default=0, default=0, editable=False)),
                        ("check_refused_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "created_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                        ),
                    ],
                    options={
                        "verbose_name": "Snowflake configuration",
                        "db_table": "snowflake_configurations",
                        "ordering": ["created_at", "id"],
                    },
                ),
            ],
        ),
        RunSQLFile("0008_destination_changed"),
    ]
