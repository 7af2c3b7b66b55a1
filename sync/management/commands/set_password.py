"""Lets a user of the application see what is theirs on the console."""

from typing import Any

from django.core.management.base import CommandParser

from sync.management.arguments import user_meant
from sync.management.passwords import PasswordCommand, asked_password
from sync.operations import set_password as give_password


class Command(PasswordCommand):
    help = (
        "Gives a user a password for the console, where they see what is theirs: the application's own "
        "passwords are not used. The table users is not written. --remove takes the password away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--remove", action="store_true", help="The user cannot log in here any more.")

    def handle(self, *_args: Any, email: str, password_stdin: bool, remove: bool, **_options: Any) -> None:
        user = user_meant(email)
        if remove:
            give_password(user, None)
            self.stdout.write(f"{user.email} cannot log in here any more.")
        else:
            give_password(user, asked_password(user, from_stdin=password_stdin))
            self.say(user, "may log in at /")
