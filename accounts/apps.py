from django.apps import AppConfig
from django.db.backends.signals import connection_created

from accounts.moments import clip_moments


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        connection_created.connect(clip_moments)
