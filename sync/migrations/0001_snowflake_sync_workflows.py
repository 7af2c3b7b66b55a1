import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("accounts", "0002_snowflake_sync_destinations"),
    ]
    operations = [
        RunSQLFile(
            "0009_workflows",
            state_operations=[
                migrations.CreateModel(
                    name="Workflow",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("workflow_id", models.TextField(unique=True)),
                        ("name", models.TextField()),
                        (
                            "user",
                            models.ForeignKey(
                                null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                            ),
                        ),
                    ],
                    options={
                        "db_table": "workflows",
                        "default_permissions": ("view",),
                    },
                ),
            ],
        ),
    ]
