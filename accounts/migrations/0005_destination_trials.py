from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_admin_log_user")]
    operations = [
        RunSQLFile(
            "0016_destination_trials",
            state_operations=[
                migrations.AddField("snowflakeconfiguration", name, models.DateTimeField(editable=False, null=True))
                for name in ("trial_until", "window_opened_at", "stage_swept_at")
            ],
        ),
    ]
