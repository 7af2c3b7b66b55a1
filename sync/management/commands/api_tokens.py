"""The API tokens of a user: which there are, and which of them end."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.models import ApiToken
from sync.management.arguments import user_meant
from sync.management.command import ActingCommand
from sync.operations import revoke_tokens
from sync.reporting import words


class Command(ActingCommand):
    help = "Lists the API tokens of a user that are valid. create_api_token makes one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--revoke", metavar="BEGINNING", help="Revoke the token that begins so.")

    def handle(self, *_args: Any, email: str, revoke: str | None, **_options: Any) -> None:
        user = user_meant(email)
        tokens = ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created", "-id")
        if revoke is None:
            for token in tokens:
                if token.state == "valid":
                    self.stdout.write(_line(token))
            return
        found = [token for token in tokens if revoke and token.token_key.startswith(revoke)]
        if len(found) != 1:
            raise CommandError(f"{len(found)} tokens of {user.email} begin so. api_tokens {user.email} lists them.")
        many = revoke_tokens(tokens.filter(pk=found[0].pk))
        self.stdout.write(f"Revoked: {found[0]} ({words.counted(many, 'token')}, those that it made included).")


def _line(token: ApiToken) -> str:
    used = f"used {words.exact(token.last_used_at)}" if token.last_used_at else "never used"
    ends = f"until {words.exact(token.expiry)}" if token.expiry else "does not expire"
    return f"{token.token_key}…  {token.name or 'without a name'}  made {words.exact(token.created)}, {used}, {ends}"
