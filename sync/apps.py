from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "sync"
    verbose_name = "Snowflake sync"

    def ready(self) -> None:
        from sync import checks, settings_checks  # noqa: F401, PLC0415 - registers them, once the apps are there
