from django.db import migrations

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_snowflake_sync_destinations"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]
    operations = [
        RunSQLFile("0023_admin_log_user"),
    ]
