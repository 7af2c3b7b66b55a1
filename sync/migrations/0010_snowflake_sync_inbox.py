from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0009_snowflake_sync_open_loads"),
    ]
    operations = [
        RunSQLFile("0025_inbox"),
    ]
