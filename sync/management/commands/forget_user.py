"""Takes a deleted user's e-mail address out of what outlives them."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from sync.management.command import ActingCommand
from sync.operations import StillThereError, forget_user
from sync.reporting import counted


class Command(ActingCommand):
    help = (
        "Takes the e-mail address of somebody who is not in `users` any more out of who changed what, who muted what, "
        "the authors of rules, and alerts. That it was done stays, with the user's id."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *_args: Any, email: str, **_options: Any) -> None:
        try:
            many = forget_user(email)
        except StillThereError:
            raise CommandError(f"{email} is in users still. Delete the user there first, then run this.") from None
        self.stdout.write(f"The address was taken out of {counted(many, 'line')}." if many else "It stood nowhere.")
