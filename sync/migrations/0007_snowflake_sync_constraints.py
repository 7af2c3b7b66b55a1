from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0006_snowflake_sync_triggers"),
    ]
    operations = [
        RunSQLFile("0021_queue_constraints"),
    ]
