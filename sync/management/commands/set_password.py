"""Lets a user of the application see what is theirs on the monitoring page."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandParser

from sync.management.passwords import asked_password
from sync.management.people import no_such_user, user_by_email


class Command(BaseCommand):
    help = (
        "Gives a user a password for the monitoring page, where they see what is theirs: the application's own "
        "passwords are not used. Nothing is written to users. --remove takes it away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--password-stdin", action="store_true", help="Read the password from the first line of standard input."
        )
        parser.add_argument("--remove", action="store_true", help="The user cannot log in here any more.")

    def handle(self, *_args: Any, email: str, password_stdin: bool, remove: bool, **_options: Any) -> None:
        user = user_by_email(email)
        if user is None:
            raise no_such_user(email)
        password = None if remove else make_password(asked_password(user, from_stdin=password_stdin))
        user.change_login(password=password)
        self.stdout.write(f"{user.email} {'cannot log in here any more' if remove else 'may log in at /monitor/'}.")
        if not user.is_active and not remove:
            self.stderr.write(f"{user.email} is not active (users.is_active), and cannot log in before that changes.")
