from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("sync", "0018_snowflake_sync_retention")]

    operations = [RunSQLFile("0037_results", in_pages=True)]
