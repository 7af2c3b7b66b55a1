"""Arguments of commands: users, workflows, times. Each refusal says what to do, and the command exits 2."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from accounts.models import User
from sync.reporting import in_utc, several, users_meant, workflow_meant

_SEES = "or this role may not see it (row-level security)"
DATE_OR_TIME = (
    "a date (2026-01-31: its first moment) or a date with a time (2026-01-31T14:30); "
    "UTC unless the value names a zone (2026-01-31T14:30+02:00)"
)


def add_user(parser: CommandParser, what: str) -> None:
    """Adds `--user`; `what` begins the sentence of its help."""
    parser.add_argument("--user", metavar="EMAIL|UUID", help=f"{what} of this user only.")


def add_user_and_workflow(parser: CommandParser, what: str) -> None:
    """Adds `--user` and `--workflow`; `what` begins the sentences of their help."""
    add_user(parser, what)
    add_workflow(parser, what)


def add_workflow(parser: CommandParser, what: str) -> None:
    """Adds `--workflow`; `what` begins the sentence of its help."""
    parser.add_argument("--workflow", metavar="WORKFLOW_ID", help=f"{what} of this workflow only.")


def add_since_and_until(parser: CommandParser) -> None:
    """Adds `--since` and `--until`, which bound when executions were created."""
    since = f"Runs created at or after this: {DATE_OR_TIME}."
    parser.add_argument("--since", type=date_or_time, metavar="WHEN", help=since)
    until = "Runs created before this, written in the same way."
    parser.add_argument("--until", type=date_or_time, metavar="WHEN", help=until)


def since_and_until(options: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """The two of them. Raises CommandError if nothing can lie between them."""
    since, until = options["since"], options["until"]
    if since and until and since >= until:
        raise CommandError("--since has to be before --until, which is not included itself.", returncode=2)
    return since, until


def add_dry_run(parser: CommandParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="Count the same; change nothing.")


def add_json(parser: CommandParser) -> None:
    parser.add_argument("--json", action="store_true", help="Print one JSON object.")


def date_or_time(value: str) -> datetime:
    """A date or a time stamp in ISO form; UTC unless it names a zone."""
    try:
        parsed = datetime.fromisoformat(value.strip())
        return in_utc(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    except ValueError:
        raise ArgumentTypeError(
            f"'{value}' is no date that is understood. Write a date, 2026-01-31, or a date with a time, "
            "2026-01-31T14:30 or 2026-01-31T14:30+02:00."
        ) from None


def positive(value: str) -> int:
    """A whole number of at least 1."""
    try:
        number = int(value)
    except ValueError:
        number = 0
    if not 0 < number < 2**31:
        raise ArgumentTypeError(f"'{value}' is not a whole number of at least 1.")
    return number


def user_meant(asked: str) -> User:
    """The one user with this e-mail address or id."""
    found = users_meant(asked)
    if len(found) > 1:
        raise CommandError(several(asked, found), returncode=2)
    if not found:
        raise CommandError(
            f"There is no user {asked} in the table users, {_SEES}. "
            "Check the address; verify_sync_install tells what the role sees.",
            returncode=2,
        )
    return found[0]


def user_ids(asked: str | None) -> tuple[UUID, ...] | None:
    """The user with this e-mail address or id, as a filter; None if none was asked for."""
    return None if asked is None else (user_meant(asked).pk,)


def workflow_ids(asked: str | None) -> tuple[UUID, ...] | None:
    """The workflow with this workflow_id or id, as a filter; None if none was asked for."""
    if asked is None:
        return None
    found = workflow_meant(asked)
    if found is None:
        raise CommandError(
            f"There is no workflow {asked} in the table workflows (workflow_id or id), {_SEES}. "
            "Check the id; verify_sync_install tells what the role sees.",
            returncode=2,
        )
    return (found.pk,)
