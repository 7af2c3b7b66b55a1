"""Makes a Bearer token for the API, and shows it, this once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser

from sync.management.arguments import user_meant
from sync.management.command import ActingCommand
from sync.operations import make_token


class Command(ActingCommand):
    help = "Makes an API token for a user. Only a digest of it is kept: it is shown now and never again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="What the token is for; shown wherever it is listed.")
        parser.add_argument("--expires", type=float, metavar="DAYS", help="Without it, the token does not expire.")

    def handle(self, *_args: Any, email: str, name: str, expires: float | None, **_options: Any) -> None:
        user = user_meant(email)
        if not user.is_active:
            raise CommandError(f"{user.email} is not active (users.is_active): a token would not be accepted.")
        # A token lasts a minute at least: a shorter one would be over when somebody reads it.
        if expires is not None and not 1 / 1440 <= expires < 36_525:
            raise CommandError("--expires has to be at least 0.0007 (a minute), and less than a hundred years.")
        _, token = make_token(user, name, lasts=None if expires is None else timedelta(days=expires))
        self.stdout.write(token)
