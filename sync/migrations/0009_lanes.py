from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_destination_trials"),
        ("sync", "0008_views"),
    ]
    operations = [
        RunSQLFile(
            "0017_lanes",
            state_operations=[
                migrations.AddField(
                    "syncqueueitem",
                    "lane",
                    models.TextField(help_text="Items of a destination with the same one travel together.", null=True),
                ),
                migrations.AddField(
                    "syncattempt",
                    "batch_size",
                    models.IntegerField(
                        db_default=1,
                        default=1,
                        help_text="Executions that travelled together: "
                        "statements and query ids are those of all of them.",
                    ),
                ),
            ],
        ),
    ]
