from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0017_pinned_triggers")]
    operations = [
        RunSQLFile(
            "0029_worker_held_back",
            state_operations=[
                migrations.AddField(
                    "syncworker",
                    "held_back",
                    models.TextField(
                        help_text="Why it takes no more items: its host cannot hold their files.", null=True
                    ),
                ),
            ],
        ),
    ]
