from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0020_tables_made_for")]
    operations = [RunSQLFile("0032_removed_items")]
