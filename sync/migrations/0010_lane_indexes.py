from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("sync", "0009_lanes")]
    operations = [
        RunSQLFile("0018_lane_indexes", concurrently=True),
    ]
