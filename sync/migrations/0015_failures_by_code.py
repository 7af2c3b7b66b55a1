from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("sync", "0014_history")]
    operations = [RunSQLFile("0027_failures_by_code", concurrently=True)]
