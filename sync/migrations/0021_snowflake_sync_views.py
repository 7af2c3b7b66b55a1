from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0020_snowflake_sync_findings")]
    operations = [RunSQLFile("0039_views")]
