from typing import Any

from django.db import migrations, models

from migrations_sql import RunSQLFile

FIELDS: dict[str, Any] = {
    "private_key_slot": models.SmallIntegerField(
        choices=[(1, "RSA_PUBLIC_KEY"), (2, "RSA_PUBLIC_KEY_2")], db_default=1, default=1
    ),
    "next_private_key_encrypted": models.TextField(blank=True, editable=False, null=True),
    "settings_version": models.IntegerField(db_default=0, default=0, editable=False),
    "check_refusals": models.IntegerField(db_default=0, default=0, editable=False),
    "check_refused_at": models.DateTimeField(editable=False, null=True),
}


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_destination_changed")]
    operations = [
        RunSQLFile(
            "0020_key_rotation",
            state_operations=[
                migrations.AddField("snowflakeconfiguration", name, field) for name, field in FIELDS.items()
            ],
        ),
    ]
