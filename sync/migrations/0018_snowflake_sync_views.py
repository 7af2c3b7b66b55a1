from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0017_snowflake_sync_erasure")]
    operations = [RunSQLFile("0036_views")]
