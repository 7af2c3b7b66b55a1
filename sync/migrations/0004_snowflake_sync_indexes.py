from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("sync", "0003_snowflake_sync_items"),
    ]
    operations = [
        RunSQLFile("0012_queue_indexes", concurrently=True),
    ]
