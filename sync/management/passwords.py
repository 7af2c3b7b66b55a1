"""Commands that give a user a password, which somebody types or pipes in."""

import getpass
import sys

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from accounts.models import User
from sync.management.command import ActingCommand


class PasswordCommand(ActingCommand):
    """A command that gives the user with an e-mail address a password."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--password-stdin", action="store_true", help="Read the password from the first line of standard input."
        )

    def say(self, user: User, what: str) -> None:
        """Says what the user may do now, and whether the account is active, without which they cannot."""
        self.stdout.write(f"{user.email} {what}.")
        if not user.is_active:
            self.stderr.write(f"{user.email} is not active (users.is_active), and cannot log in before that changes.")


def asked_password(user: User, *, from_stdin: bool) -> str:
    """The hash of a password that Django's validators take for this user. Raises CommandError."""
    password = _read(from_stdin=from_stdin)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError("\n".join([*error.messages, "Nothing was changed."])) from None
    return make_password(password)


def _read(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for the password: use --password-stdin.")
    password = getpass.getpass("Password, for here alone: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two are not the same. Nothing was changed.")
    return password
