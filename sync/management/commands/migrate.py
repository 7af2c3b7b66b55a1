"""Django's migrate, but the application goes first: it never queues up behind a migration for long."""

import random
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg2 import errorcodes

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

    def handle(self, *args: Any, lock_wait: float = 3600.0, **options: Any) -> None:
        connection = connections[options["database"]]
        deadline = time.monotonic() + lock_wait
        while True:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", None) != errorcodes.LOCK_NOT_AVAILABLE:
                    raise
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"A migration needs a lock that something else held for {lock_wait:.0f} s. What is done "
                        "is kept: end the long-running transactions (see pg_stat_activity) and run migrate again."
                    ) from None
                self.stdout.write(" waiting for a lock; the application goes first")
                time.sleep(random.uniform(0.3, 1.0))  # noqa: S311 - jitter
            else:
                break
            finally:
                self._reset(options["database"])

    @staticmethod
    def _reset(database: str) -> None:
        connection = connections[database]
        if connection.connection is not None and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
