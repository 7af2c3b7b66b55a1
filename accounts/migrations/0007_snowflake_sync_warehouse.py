import django.core.validators
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_snowflake_sync_freshness"),
    ]

    operations = [
        RunSQLFile(
            "0034_warehouse",
            state_operations=[
                migrations.AddField(
                    model_name="snowflakeconfiguration",
                    name="catalogue_name",
                    field=models.TextField(
                        blank=True,
                        db_default="SYNC_EXECUTIONS",
                        default="SYNC_EXECUTIONS",
                        help_text="The table in which each execution has a row: where its result is, whether it is complete, which one is the latest, what failed. Empty: none is made.",
                        max_length=300,
                    ),
                ),
                migrations.AddField(
                    model_name="snowflakeconfiguration",
                    name="deleted_results",
                    field=models.TextField(
                        choices=[("keep", "stay in Snowflake"), ("remove", "are removed from Snowflake")],
                        db_default="keep",
                        default="keep",
                        help_text="What becomes of a result in Snowflake once its execution is deleted in the application.",
                    ),
                ),
                migrations.AddField(
                    model_name="snowflakeconfiguration",
                    name="is_transient",
                    field=models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Tables that are made from now on have no Fail-safe: Snowflake bills no seven days more for what was replaced or dropped, and cannot bring it back.",
                    ),
                ),
                migrations.AddField(
                    model_name="snowflakeconfiguration",
                    name="makes_views",
                    field=models.BooleanField(
                        db_default=True,
                        default=True,
                        help_text="Views that show the latest result of each workflow, and all its results together.",
                    ),
                ),
                migrations.AddField(
                    model_name="snowflakeconfiguration",
                    name="time_travel_days",
                    field=models.IntegerField(
                        blank=True,
                        help_text="For how long what was replaced or dropped can be brought back, in tables that are made from now on: 0 or 1, up to 90 in the Enterprise Edition where tables have a Fail-safe. Empty: as the schema says.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(90),
                        ],
                    ),
                ),
            ],
        ),
    ]
