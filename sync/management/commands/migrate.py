"""Django's migrate, but the application goes first: it never queues up behind a migration for long."""

import random
import time
from typing import Any

import psycopg2.errors
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections

# A statement that waits for a lock makes everyone who comes after it wait, too: so it waits this long only.
LOCK_TIMEOUT = "200ms"


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
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
        try:
            super().handle(*args, **options)
        except OperationalError as error:
            match error.__cause__:
                case psycopg2.errors.LockNotAvailable():
                    return False
                # The pair 0000_requirements: it names all that is in the way.
                case psycopg2.errors.ObjectNotInPrerequisiteState(diag=said) if said.message_hint:
                    raise CommandError(f"{said.message_primary}:\n{said.message_hint}") from None
            raise
        finally:
            if connection.connection is not None and connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
        return True
