import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_snowflake_sync_logins")]
    operations = [
        RunSQLFile(
            "0030_preferences",
            state_operations=[
                migrations.CreateModel(
                    name="Preferences",
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
                        ("time_zone", models.TextField(blank=True, db_default="", default="")),
                        (
                            "theme",
                            models.TextField(
                                choices=[("system", "as this device"), ("light", "light"), ("dark", "dark")],
                                db_default="system",
                                default="system",
                            ),
                        ),
                    ],
                    options={"db_table": "snowflake_sync_preferences", "default_permissions": ()},
                ),
                migrations.AddField(
                    model_name="apitoken",
                    name="made_with",
                    field=models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.apitoken",
                    ),
                ),
                migrations.AlterModelOptions(
                    name="snowflakeconfiguration",
                    options={"ordering": ["created_at", "id"], "verbose_name": "destination"},
                ),
            ],
        ),
    ]
