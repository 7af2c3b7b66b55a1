from django.apps import AppConfig
from django.db.backends.signals import connection_created

from accounts.reading import read_leniently


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        connection_created.connect(read_leniently)
