from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_destination_trials")]
    operations = [
        RunSQLFile("0019_destination_changed"),
    ]
