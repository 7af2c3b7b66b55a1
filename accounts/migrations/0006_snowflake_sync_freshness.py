import django.core.validators
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_snowflake_sync_preferences"),
    ]

    operations = [
        RunSQLFile(
            "0033_freshness",
            state_operations=[
                migrations.AddField(
                    model_name="snowflakeconfiguration",
                    name="freshness_minutes",
                    field=models.IntegerField(
                        blank=True,
                        help_text="Within so many minutes after they are due, results are to be in Snowflake: the share that is, is counted by month, and it is told when they are late. Empty: nothing is promised.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(44640),
                        ],
                    ),
                ),
                migrations.AddField(
                    model_name="snowflakeconfiguration",
                    name="secret_ends_on",
                    field=models.DateField(
                        blank=True,
                        help_text="When the token or the key ends, if it does: it is told 14 days, 3 days and 1 day before. Snowflake says it of tokens: SHOW USER PROGRAMMATIC ACCESS TOKENS. A new secret empties it.",
                        null=True,
                    ),
                ),
            ],
        ),
    ]
