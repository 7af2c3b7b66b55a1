from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0010_snowflake_sync_inbox"),
    ]
    operations = [
        RunSQLFile("0026_append"),
    ]
