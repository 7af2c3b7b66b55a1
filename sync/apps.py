from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "sync"
    verbose_name = "Snowflake sync"

    def ready(self) -> None:
        """Registers the checks and the admin's pages, once the apps are there."""
        from sync import installation  # noqa: F401, PLC0415
        from sync.web import admin  # noqa: F401, PLC0415
