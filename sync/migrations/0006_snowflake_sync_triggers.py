from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0005_snowflake_sync_records"),
    ]
    operations = [
        RunSQLFile("0020_trigger"),
    ]
