from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    # The index is built without blocking writes, which does not go in a transaction.
    atomic = False
    dependencies = [("sync", "0022_snowflake_sync_catalogue")]
    operations = [RunSQLFile("0041_failed_index", concurrently=True)]
