"""What all commands of ours that change something have in common."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand

from sync.activity import acting


class ActingCommand(BaseCommand):
    """Whatever it changes is recorded as done by the user of the machine who runs it."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        with acting("command", name=machine_user()):
            return super().execute(*args, **options)


def machine_user() -> str:
    """The name of who runs the process, as far as the machine knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
