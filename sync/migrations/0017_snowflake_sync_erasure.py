import django.db.models.deletion
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("sync", "0016_snowflake_sync_alerts")]
    operations = [
        RunSQLFile(
            "0035_erasure",
            state_operations=[
                migrations.AddField("synctable", "user_id", models.UUIDField(null=True)),
                migrations.AddField("synctable", "workflow_id", models.TextField(null=True)),
                migrations.AddField("synctable", "account", models.TextField(null=True)),
                migrations.AlterField(
                    "synctable",
                    "configuration",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="accounts.snowflakeconfiguration",
                    ),
                ),
            ],
        )
    ]
