from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    """When the triggers fire is decided by PostgreSQL's own operators, also where an earlier pair made them."""

    dependencies = [("sync", "0016_column_keys")]
    operations = [RunSQLFile("0012_triggers", again=True)]
