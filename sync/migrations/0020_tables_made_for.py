from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0019_detachable_partitions")]
    operations = [
        RunSQLFile(
            "0031_tables_made_for",
            state_operations=[migrations.AddField("synctable", "made_for", models.TextField(null=True))],
        ),
    ]
