from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0008_snowflake_sync_documented_views"),
    ]
    operations = [
        RunSQLFile(
            "0024_open_loads",
            state_operations=[
                migrations.AddField(model_name="syncqueueitem", name="open_load", field=models.JSONField(null=True)),
            ],
        ),
    ]
