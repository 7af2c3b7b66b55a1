"""Lets a user of the application into the admin."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError, transaction

from accounts.models import User
from sync.management.arguments import user_meant
from sync.management.passwords import PasswordCommand, asked_password
from sync.operations import change_powers, make_user, set_password
from sync.reporting import users_meant


class Command(PasswordCommand):
    help = (
        "Makes a user an admin, with a password for this service (admin and console): the application's own "
        "passwords are not used. Writes the table snowflake_sync_logins; the table users only with --create."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--create", action="store_true", help="Make the user where there is none.")

    def handle(self, *_args: Any, email: str, password_stdin: bool, create: bool, **_options: Any) -> None:
        is_new = create and not users_meant(email)
        user = _unsaved(email) if is_new else user_meant(email)
        password = asked_password(user, from_stdin=password_stdin)
        with transaction.atomic():
            if is_new:
                user = _created(email)
            change_powers(user, is_staff=True, is_superuser=True)
            set_password(user, password)
        self.say(user, "may use the admin")


def _unsaved(email: str) -> User:
    try:
        User._meta.get_field("email").run_validators(email)  # noqa: SLF001 - Django's
    except ValidationError:
        raise CommandError(f"'{email}' is no e-mail address; a new user needs one to log in with.") from None
    return User(email=email)


def _created(email: str) -> User:
    try:
        return make_user(email)
    except IntegrityError as error:
        said = str(error).splitlines()[0]
        raise CommandError(
            f"The user {email} cannot be made here: {said}. Make the user in the application, then run this again."
        ) from None
