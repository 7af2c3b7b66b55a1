from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0015_error_remedy")]
    operations = [
        RunSQLFile(
            "0028_column_keys",
            state_operations=[migrations.AddField("synctable", "names", models.JSONField(null=True))],
        ),
    ]
