"""Finding the one user that a command is about."""

from django.core.management.base import CommandError

from accounts.models import User
from sync.reporting import several_users, users_meant


def user_by_email(email: str) -> User | None:
    """The user with this address; where none has exactly it, the one who has it in other letters' case."""
    found = users_meant(email)
    if len(found) > 1:
        raise CommandError(several_users(email, found))
    return found[0] if found else None


def no_such_user(email: str) -> CommandError:
    return CommandError(
        f"There is no user {email} in the table users, or this role may not see it (row-level security). "
        "Check the address; verify_sync_install tells what the role sees."
    )
