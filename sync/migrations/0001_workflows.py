import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounts", "0003_snowflake_configurations")]
    operations = [
        RunSQLFile(
            "0006_workflows",
            state_operations=[
                migrations.CreateModel(
                    name="Workflow",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                        ),
                        ("workflow_id", models.TextField(unique=True)),
                        ("name", models.TextField()),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "db_table": "workflows",
                    },
                ),
            ],
        ),
    ]
