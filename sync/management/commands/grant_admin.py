"""Makes an existing user of the application an admin here."""

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = "Lets an existing user of the application into the admin, with a password of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The user's e-mail address.")
        parser.add_argument("--password-stdin", action="store_true", help="Read the password from standard input.")

    def handle(self, *_args: Any, email: str, password_stdin: bool, **_options: Any) -> None:
        user = self._user(email)
        user.set_password(self._password(user, from_stdin=password_stdin))
        user.is_staff = user.is_superuser = True
        # Only what is ours: the application's own columns are not touched.
        user.save(update_fields=["password", "is_staff", "is_superuser"])
        self.stdout.write(f"{user.email} may log in to the admin now.")

    @staticmethod
    def _user(email: str) -> User:
        found = list(User.objects.filter(email__iexact=email)[:2])
        if not found:
            raise CommandError(f"There is no user with the e-mail address {email}.")
        if len(found) > 1:
            raise CommandError(f"More than one user has the e-mail address {email}.")
        return found[0]

    @staticmethod
    def _password(user: User, *, from_stdin: bool) -> str:
        if from_stdin:
            password = sys.stdin.readline().rstrip("\n")
        else:
            password = getpass.getpass("New password for the admin: ")
            if password != getpass.getpass("Once more: "):
                raise CommandError("The two are not the same.")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        return password
