"""Django's migrate, but the application goes first: it never queues up behind a migration for long."""

import random
import time
from collections.abc import Callable
from typing import Any

import psycopg2.errors
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections

# A statement that waits for a lock makes everyone who comes after it wait, too: so it waits this long only. LOCAL,
# because a pooler may hand the session to the application.
_LIMITS = "SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = 0; "


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-wait",
            type=float,
            default=3600.0,
            help="Seconds to go on trying while something else holds a lock that a migration needs.",
        )

    def check(self, *args: Any, **options: Any) -> None:
        """All but what looks into the database: a secret that no key opens must not keep a migration from running."""
        super().check(*args, **(options | {"databases": None}))

    def handle(self, *args: Any, lock_wait: float = 3600.0, **options: Any) -> None:
        deadline = time.monotonic() + lock_wait
        while not self._attempt(*args, **options):
            if time.monotonic() > deadline:
                raise CommandError(
                    f"A migration needs a lock that something else held for {lock_wait:.0f} s. What is done is kept: "
                    "end the long-running transactions (see pg_stat_activity) and run migrate again."
                )
            if options["verbosity"] > 0:
                self.stdout.write(" waiting for a lock; the application goes first")
            time.sleep(random.uniform(0.3, 1.0))  # noqa: S311 - jitter

    def _attempt(self, *args: Any, **options: Any) -> bool:
        """Migrates as far as it gets; False where something else holds a lock that it needs."""
        try:
            with connections[options["database"]].execute_wrapper(_limited):
                super().handle(*args, **options)
        except OperationalError as error:
            match error.__cause__:
                case psycopg2.errors.LockNotAvailable():
                    return False
                # The pair 0000_requirements: it names all that is in the way.
                case psycopg2.errors.ObjectNotInPrerequisiteState(diag=said) if said.message_hint:
                    raise CommandError(f"{said.message_primary}:\n{said.message_hint}") from None
            raise
        return True


def _limited(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001
    """What is not in a transaction (CREATE INDEX CONCURRENTLY) holds nobody up while it waits."""
    in_transaction = context["connection"].in_atomic_block
    return execute(_LIMITS + sql if in_transaction else sql, params, many, context)
