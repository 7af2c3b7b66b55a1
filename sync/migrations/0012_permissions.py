from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0011_statistics"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="queuesummary",
            options={"default_permissions": (), "managed": False},
        ),
        migrations.AlterModelOptions(
            name="syncattempt",
            options={"default_permissions": ("view",), "ordering": ["item_id", "id"], "verbose_name": "attempt"},
        ),
        migrations.AlterModelOptions(
            name="syncfailure",
            options={"default_permissions": (), "managed": False},
        ),
        migrations.AlterModelOptions(
            name="syncqueueitem",
            options={
                "default_permissions": ("view",),
                "permissions": (("retry_syncqueueitem", "Can retry and skip queue items"),),
                "verbose_name": "queue item",
            },
        ),
        migrations.AlterModelOptions(
            name="synctable",
            options={
                "default_permissions": ("view",),
                "verbose_name": "table in Snowflake",
                "verbose_name_plural": "tables in Snowflake",
            },
        ),
        migrations.AlterModelOptions(
            name="syncworker",
            options={"default_permissions": ("view",), "verbose_name": "worker"},
        ),
        migrations.AlterModelOptions(
            name="workflow",
            options={"default_permissions": ("view",)},
        ),
        migrations.AlterModelOptions(
            name="workflowexecution",
            options={
                "default_permissions": ("view",),
                "permissions": (("backfill_workflowexecution", "Can queue past executions (backfill)"),),
            },
        ),
    ]
