from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0006_trigger_function")]
    operations = [
        RunSQLFile("0012_triggers"),
    ]
