from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0005_workers_tables_attempts")]
    operations = [
        RunSQLFile("0011_trigger_function"),
    ]
