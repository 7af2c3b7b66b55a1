from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("sync", "0013_history")]
    operations = [RunSQLFile("0024_failures_by_code", concurrently=True)]
