from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    # Both in one transaction: a trigger of theirs never meets our function, nor one of ours theirs.
    dependencies = [("sync", "0005_workers_tables_attempts")]
    operations = [
        RunSQLFile("0011_trigger_function"),
        RunSQLFile("0012_triggers"),
    ]
