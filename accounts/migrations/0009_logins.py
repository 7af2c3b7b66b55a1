import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile

LEAVES_USERS = ("password", "last_login", "is_staff", "is_superuser")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_api")]
    operations = [
        # The functions that an earlier installation has look names up in the application's schema; these do not.
        RunSQLFile("0001_install_log", again=True),
        RunSQLFile("0016_destination_trials", again=True),
        RunSQLFile(
            "0025_logins",
            state_operations=[
                *(migrations.RemoveField("user", name) for name in LEAVES_USERS),
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
                    options={"db_table": "snowflake_sync_logins", "default_permissions": ()},
                ),
            ],
        ),
    ]
