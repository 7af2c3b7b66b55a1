import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_snowflake_sync_admin_log"),
    ]
    operations = [
        RunSQLFile(
            "0006_api_usage",
            state_operations=[
                migrations.CreateModel(
                    name="ApiUsage",
                    fields=[
                        ("key", models.TextField(primary_key=True, serialize=False)),
                        ("since", models.DateTimeField()),
                        ("count", models.IntegerField()),
                    ],
                    options={
                        "db_table": "snowflake_sync_api_usage",
                    },
                ),
            ],
        ),
        RunSQLFile(
            "0004_logins",
            state_operations=[
                migrations.CreateModel(
                    name="Login",
                    fields=[
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                serialize=False,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("password", models.CharField(max_length=128, null=True)),
                        ("last_login", models.DateTimeField(null=True)),
                        ("is_staff", models.BooleanField(default=False)),
                        ("is_superuser", models.BooleanField(default=False)),
                    ],
                    options={
                        "db_table": "snowflake_sync_logins",
                        "default_permissions": (),
                    },
                ),
            ],
        ),
        RunSQLFile(
            "0005_api_tokens",
            state_operations=[
                migrations.CreateModel(
                    name="ApiToken",
                    fields=[
                        ("token_key", models.CharField(db_index=True, max_length=25)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="auth_token_set",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created", models.DateTimeField(auto_now_add=True)),
                        ("expiry", models.DateTimeField(blank=True, null=True)),
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("digest", models.CharField(editable=False, max_length=128, unique=True)),
                        ("name", models.TextField(blank=True, db_default="", default="")),
                        ("last_used_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "API token",
                        "db_table": "snowflake_sync_api_tokens",
                    },
                ),
            ],
        ),
    ]
