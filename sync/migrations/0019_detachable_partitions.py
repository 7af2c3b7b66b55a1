from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0018_worker_held_back")]
    operations = [RunSQLFile("0030_detachable_partitions")]
