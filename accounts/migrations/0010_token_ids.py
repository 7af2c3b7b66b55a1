from django.db import migrations, models

from migrations_sql import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_logins")]
    operations = [
        RunSQLFile(
            "0027_token_ids",
            state_operations=[
                migrations.AddField("apitoken", "id", models.BigAutoField(primary_key=True, serialize=False)),
                migrations.AlterField(
                    "apitoken", "digest", models.CharField(editable=False, max_length=128, unique=True)
                ),
            ],
        ),
    ]
