"""Makes an API token for a user, and prints it: once, since only a digest of it is kept."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import ApiToken, User


class Command(BaseCommand):
    help = "Makes an API token for a user and prints it, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The user's e-mail address.")
        parser.add_argument("--name", default="", help="What it is for, as the admin lists it.")
        parser.add_argument("--expires-in-days", type=float, help="Without it the token does not expire.")

    def handle(self, *_args: Any, email: str, name: str, expires_in_days: float | None, **_options: Any) -> None:
        if expires_in_days is not None and expires_in_days <= 0:
            raise CommandError("--expires-in-days has to be more than 0.")
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"There is no user with the e-mail address {email}.")
        if not user.is_active:
            raise CommandError(f"{user.email} is not active: a token of theirs would be refused.")
        expiry = None if expires_in_days is None else timedelta(days=expires_in_days)
        _, token = ApiToken.objects.create(user, expiry=expiry, name=name)
        self.stdout.write(token)
        self.stderr.write("Keep it now: it is not stored and cannot be shown again.")
