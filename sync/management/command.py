"""What commands of ours have in common, and those that change something."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand

from sync.activity import acting


class CheckedCommand(BaseCommand):
    """Starts where our own checks find no error.

    Django's would import the console and the API: a third of a start's work, and 20 MB that a worker keeps.
    """

    requires_system_checks = ("sync",)


class ActingCommand(CheckedCommand):
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
