from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0011_snowflake_sync_append"),
    ]
    operations = [
        RunSQLFile("0027_turns"),
    ]
