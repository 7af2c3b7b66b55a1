"""A password that somebody types, or pipes in."""

import getpass
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from accounts.models import User


def asked_password(user: User, *, from_stdin: bool) -> str:
    """One that Django takes for this user. Raises CommandError."""
    password = _read(from_stdin=from_stdin)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError("\n".join([*error.messages, "Nothing was changed."])) from None
    return password


def _read(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for the password: use --password-stdin.")
    password = getpass.getpass("Password, for here alone: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two are not the same. Nothing was changed.")
    return password
