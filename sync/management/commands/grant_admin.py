"""Lets a user of the application into the admin."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction

from accounts.models import User
from sync.management.passwords import asked_password
from sync.management.people import no_such_user, user_by_email


class Command(BaseCommand):
    help = (
        "Makes a user an admin, with a password for the admin alone: the application's own passwords are not used. "
        "Writes snowflake_sync_logins; users only with --create."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--password-stdin", action="store_true", help="Read the password from the first line of standard input."
        )
        parser.add_argument("--create", action="store_true", help="Make the user where there is none.")

    def handle(self, *_args: Any, email: str, password_stdin: bool, create: bool, **_options: Any) -> None:
        user = user_by_email(email)
        if user is None:
            if not create:
                raise no_such_user(email)
            _check(email)
        password = asked_password(user or User(email=email), from_stdin=password_stdin)
        if user is None:
            user = self._create(email)
        user.change_login(is_staff=True, is_superuser=True, password=make_password(password))
        self.stdout.write(f"{user.email} may use the admin.")
        if not user.is_active:
            self.stderr.write(f"{user.email} is not active (users.is_active), and cannot log in before that changes.")

    @staticmethod
    def _create(email: str) -> User:
        try:
            with transaction.atomic():
                return User.objects.create_user(email)
        except IntegrityError as error:
            said = str(error).splitlines()[0]
            raise CommandError(
                f"The user {email} cannot be made here: {said}. Make the user in the application, then run this again."
            ) from None


def _check(email: str) -> None:
    try:
        User._meta.get_field("email").run_validators(email)  # noqa: SLF001 - Django's
    except ValidationError:
        raise CommandError(f"'{email}' is no e-mail address; a new user needs one to log in with.") from None
