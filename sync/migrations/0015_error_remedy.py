from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0014_failures_by_code"), ("accounts", "0009_logins")]
    operations = [
        RunSQLFile(
            "0026_error_remedy",
            state_operations=[
                migrations.AddField("syncqueueitem", "error_remedy", models.TextField(null=True)),
                migrations.AddField("syncattempt", "error_remedy", models.TextField(null=True)),
            ],
        ),
    ]
