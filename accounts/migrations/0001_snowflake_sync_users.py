import uuid

from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        RunSQLFile("0000_requirements"),
        RunSQLFile("0001_install_log"),
        RunSQLFile(
            "0002_users",
            state_operations=[
                migrations.CreateModel(
                    name="User",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("name", models.TextField(blank=True, null=True)),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                db_table="snowflake_sync_user_groups",
                                related_name="user_set",
                                to="auth.group",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                db_table="snowflake_sync_user_permissions",
                                related_name="user_set",
                                to="auth.permission",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "users",
                    },
                ),
            ],
        ),
        RunSQLFile("0003_user_permissions"),
    ]
