from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0006_trigger")]
    operations = [
        RunSQLFile("0013_queue_constraints"),
    ]
