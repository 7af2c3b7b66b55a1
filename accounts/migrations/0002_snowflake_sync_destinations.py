import datetime
import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_snowflake_sync_users"),
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
                        (
                            "name",
                            models.TextField(
                                blank=True, db_default="", default="", help_text="For people.", max_length=200
                            ),
                        ),
                        (
                            "account_identifier",
                            models.TextField(
                                help_text="organization-account, locator.region.cloud, the host name, or the address of one of its pages. It can only lead to Snowflake's own domains.",
                                max_length=500,
                            ),
                        ),
                        (
                            "warehouse",
                            models.TextField(
                                help_text='Runs the loads. Names are as in SQL: sales is SALES, “"Sales"” is Sales.',
                                max_length=300,
                            ),
                        ),
                        ("database", models.TextField(max_length=300)),
                        (
                            "schema",
                            models.TextField(default="PUBLIC", help_text="Where the tables go.", max_length=300),
                        ),
                        (
                            "role",
                            models.TextField(
                                blank=True, help_text="Empty: the user's default role.", max_length=300, null=True
                            ),
                        ),
                        ("username", models.TextField(help_text="The user that logs in.", max_length=300)),
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
                                choices=[(1, "RSA_PUBLIC_KEY"), (2, "RSA_PUBLIC_KEY_2")],
                                db_default=1,
                                default=1,
                                help_text="Where the user has the public half of private_key: 1 is RSA_PUBLIC_KEY, 2 is RSA_PUBLIC_KEY_2.",
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
                            models.DurationField(
                                db_default=datetime.timedelta(0),
                                default=datetime.timedelta,
                                help_text="0: at once. Results wait for the next window, so that the warehouse may sleep. It bills a minute at least when it wakes up: results that come all day cost an X-Small up to 24 credits a day without waiting, about 10 with windows of 5 minutes, 3 with 15 minutes, 1 with an hour.",
                                validators=[
                                    django.core.validators.MinValueValidator(datetime.timedelta(0)),
                                    django.core.validators.MaxValueValidator(datetime.timedelta(days=31)),
                                ],
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True, help_text="false: nothing is loaded there.")),
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
        RunSQLFile(
            "0008_destination_states",
            state_operations=[
                migrations.CreateModel(
                    name="DestinationState",
                    fields=[
                        (
                            "configuration",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="stored_state",
                                serialize=False,
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                        ("settings_version", models.IntegerField(db_default=0, default=0)),
                        (
                            "breaker_state",
                            models.TextField(
                                choices=[("closed", "working"), ("open", "paused")],
                                db_default="closed",
                                default="closed",
                            ),
                        ),
                        ("breaker_until", models.DateTimeField(null=True)),
                        ("breaker_code", models.TextField(null=True)),
                        ("breaker_reason", models.TextField(null=True)),
                        ("breaker_failures", models.IntegerField(db_default=0, default=0)),
                        ("trial_until", models.DateTimeField(null=True)),
                        ("last_login_at", models.DateTimeField(null=True)),
                        ("window_opened_at", models.DateTimeField(null=True)),
                        ("stage_swept_at", models.DateTimeField(null=True)),
                        ("last_check_at", models.DateTimeField(null=True)),
                        ("last_check", models.JSONField(null=True)),
                        ("check_refusals", models.IntegerField(db_default=0, default=0)),
                        ("check_refused_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "db_table": "snowflake_sync_destination_states",
                        "default_permissions": (),
                    },
                ),
            ],
        ),
    ]
