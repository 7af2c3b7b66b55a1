from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0012_permissions")]
    operations = [
        RunSQLFile(
            "0023_history",
            state_operations=[migrations.AddField("syncattempt", "due_at", models.DateTimeField(null=True))],
        ),
    ]
