import uuid

from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        RunSQLFile("0000_requirements"),
        RunSQLFile("0001_install_log"),
        RunSQLFile(
            "0002_users",
            state_operations=[
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                        ),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        ("name", models.TextField(blank=True, null=True)),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "password",
                            models.CharField(db_column="snowflake_sync_password", max_length=128, null=True),
                        ),
                        (
                            "last_login",
                            models.DateTimeField(
                                blank=True, db_column="snowflake_sync_last_login", editable=False, null=True
                            ),
                        ),
                        (
                            "is_staff",
                            models.BooleanField(
                                db_column="snowflake_sync_is_staff",
                                default=False,
                                verbose_name="may use the admin",
                            ),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                db_column="snowflake_sync_is_superuser",
                                default=False,
                                verbose_name="may do everything in the admin",
                            ),
                        ),
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
