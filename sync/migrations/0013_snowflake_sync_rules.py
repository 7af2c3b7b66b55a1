import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_snowflake_sync_logins"),
        ("sync", "0012_snowflake_sync_turns"),
    ]
    operations = [
        RunSQLFile(
            "0028_rules",
            state_operations=[
                migrations.AddField(
                    model_name="syncattempt",
                    name="dropped_columns",
                    field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        help_text="Left out because no earlier result of the workflow had them.",
                        null=True,
                        size=None,
                    ),
                ),
                migrations.AddField(
                    model_name="syncattempt",
                    name="rules_version",
                    field=models.IntegerField(
                        help_text="Of the destination's rules, by which it went; 0: there were none.", null=True
                    ),
                ),
                migrations.AddField(
                    model_name="syncattempt",
                    name="source_row_count",
                    field=models.BigIntegerField(
                        help_text="The result's rows, where a rule has left some of them out.", null=True
                    ),
                ),
                migrations.AddField(
                    model_name="syncworker",
                    name="follows_rules",
                    field=models.BooleanField(db_default=False, default=True),
                ),
                migrations.AddField(
                    model_name="syncqueueitem",
                    name="is_to_be_removed",
                    field=models.BooleanField(db_default=False, default=False),
                ),
                migrations.AddField(
                    model_name="syncqueueitem",
                    name="rules_version",
                    field=models.IntegerField(
                        help_text="Of the destination's rules, by which the result was loaded; 0: there were none.",
                        null=True,
                    ),
                ),
                migrations.AddField(
                    model_name="syncqueueitem",
                    name="source_row_count",
                    field=models.BigIntegerField(
                        help_text="The result's rows, where a rule has left some of them out.", null=True
                    ),
                ),
                migrations.CreateModel(
                    name="SyncHashKey",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("number", models.IntegerField()),
                        ("key_encrypted", models.TextField()),
                        ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        (
                            "configuration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="hash_keys",
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "snowflake_sync_hash_keys",
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="SyncKnownColumn",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("workflow_id", models.TextField()),
                        ("key", models.TextField()),
                        ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        (
                            "configuration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="accounts.snowflakeconfiguration"
                            ),
                        ),
                    ],
                    options={
                        "db_table": "snowflake_sync_known_columns",
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="SyncRule",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        (
                            "position",
                            models.IntegerField(help_text="Rules are followed in this order, the lowest first."),
                        ),
                        (
                            "name",
                            models.TextField(
                                help_text="By which the rule is known wherever it takes effect.", max_length=100
                            ),
                        ),
                        (
                            "kind",
                            models.TextField(
                                choices=[
                                    ("scope", "which executions"),
                                    ("column", "what becomes of columns"),
                                    ("rows", "which rows"),
                                    ("add", "a column more"),
                                    ("new_columns", "columns that no earlier result had"),
                                ]
                            ),
                        ),
                        (
                            "workflow",
                            models.TextField(
                                db_default="*",
                                default="*",
                                help_text="The workflow_id of those that it is for; * stands for any characters, and alone for all workflows.",
                                max_length=500,
                            ),
                        ),
                        (
                            "settings",
                            models.JSONField(
                                db_default={}, default=dict, help_text="What it does, as its kind asks for."
                            ),
                        ),
                        (
                            "note",
                            models.TextField(
                                blank=True, db_default="", default="", help_text="For people.", max_length=1000
                            ),
                        ),
                        ("is_active", models.BooleanField(db_default=True, default=True)),
                        ("author", models.TextField(blank=True, db_default="", default="", editable=False)),
                        (
                            "created_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                        ),
                        (
                            "configuration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rules",
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "rule",
                        "db_table": "snowflake_sync_rules",
                        "ordering": ["configuration_id", "position", "id"],
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="SyncRuleVersion",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("version", models.IntegerField(help_text="From 1; 0 is: no rules yet.")),
                        ("rules", models.JSONField(help_text="As a document of rules says them, in order.")),
                        ("hash_key", models.IntegerField(null=True)),
                        ("author", models.TextField(blank=True, db_default="", default="")),
                        ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        (
                            "configuration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rule_versions",
                                to="accounts.snowflakeconfiguration",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "snowflake_sync_rule_versions",
                        "ordering": ["configuration_id", "version"],
                        "default_permissions": (),
                    },
                ),
            ],
        ),
    ]
