"""Sends an execution made for this test the whole way to Snowflake and back, and says ✓, or what is wrong."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.management.arguments import positive, user_ids
from sync.management.command import ActingCommand
from sync.operations import sync_one
from sync.reporting import count_workers
from sync.results import SpoolError
from sync.worker import Worker

NAMED = 5


class Command(ActingCommand):
    help = (
        "Makes a workflow and an execution of a user who has a Snowflake account, waits until they are loaded (and is "
        "a worker meanwhile where none runs), reads them back and removes all of it. Exits 1 where something is wrong, "
        "or not over in time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", metavar="EMAIL|UUID", help="Whose; needed where several have destinations.")
        parser.add_argument("--patience", type=positive, default=60, metavar="SECONDS", help="For the worker (60).")

    def handle(self, *_args: Any, user: str | None, patience: int, **_options: Any) -> None:
        chosen = user_ids(user)
        wrong = False
        for line in sync_one(chosen[0] if chosen else _only_user(), a_worker(), patience=patience):
            wrong = wrong or not line.ok
            if line.is_under_way:
                self.stdout.write(self.style.WARNING(f"… {line.text}"))
            else:
                self.stdout.write(f"✓ {line.text}" if line.ok else self.style.ERROR(f"✗ {line.text}"))
            self.stdout.flush()
        if wrong:
            raise SystemExit(1)


@contextmanager
def a_worker() -> Iterator[str]:
    """A worker that runs anyway, or one in this process for as long as the test takes."""
    if count_workers(timezone.now())[0]:
        yield "a worker that runs"
        return
    worker = Worker()
    try:
        with worker.spool:
            pass
    except SpoolError as error:
        raise CommandError(str(error)) from error
    # The lines of the test say, in order, what the worker's log would say meanwhile.
    logger = logging.getLogger("sync")
    level = logger.level
    logger.setLevel(logging.CRITICAL)

    def work() -> None:
        try:
            worker.run()
        finally:
            connection.close()

    thread = threading.Thread(target=work, name="worker", daemon=True)
    thread.start()
    try:
        yield "a worker of this command, since none runs"
    finally:
        worker.stop()
        thread.join(worker.options.drain * 2)
        logger.setLevel(level)


def _only_user() -> UUID:
    """The one user who has an active destination."""
    active = SnowflakeConfiguration.objects.filter(is_active=True).order_by("user__email")
    owners = list(active.values_list("user_id", "user__email").distinct()[: NAMED + 1])
    if not owners:
        raise CommandError("Nobody has an active destination: connect one in the console or through the API.")
    if len(owners) > 1:
        shown = ", ".join(str(email) for _, email in owners[:NAMED])
        more = " and others" if len(owners) > NAMED else ""
        raise CommandError(f"Several users have destinations: {shown}{more}. Name one: --user EMAIL.")
    id_: UUID = owners[0][0]
    return id_
