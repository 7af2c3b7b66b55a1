"""The whole system on this machine: embedded PostgreSQL, local Snowflake, sample data, web server, worker."""

import contextlib
import json
import logging
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.demo import report
from sandbox.demo.executions import complete_samples, trickle
from sandbox.demo.people import ADMIN, PASSWORD, People, make_channels, make_people
from sandbox.demo.processes import Processes, free_port, wait_for_port
from sandbox.demo.trouble import REFUSED, WANTED, make_trouble
from sandbox.inbox import Inbox
from sandbox.snowflake.client import LocalSnowflake
from sync.models import SyncQueueItem, WorkflowExecution
from sync.reporting import sync_statistics
from sync.worker import Worker

LOGS = Path(settings.BASE_DIR) / ".sandbox" / "logs"


class Command(BaseCommand):
    help = "Shows the whole system at work, with sample data, on this machine alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Load the samples, print what came of it, and exit.")
        parser.add_argument("--json", action="store_true", help="With --once: print one JSON object.")
        parser.add_argument("--executions", type=int, default=45, help="Sample executions to begin with (45).")
        parser.add_argument("--port", type=int, default=8000, help="The web server's port (8000).")
        parser.add_argument("--inbox-port", type=int, default=8025, help="The port of where alerts arrive (8025).")
        parser.add_argument("--host", default="127.0.0.1", help="Where it listens; in a container 0.0.0.0 (127.0.0.1).")

    def handle(
        self, *_args: Any, once: bool, json: bool, executions: int, port: int, inbox_port: int, host: str, **_: Any
    ) -> None:
        self.quiet = json
        if json and not once:
            raise CommandError("--json goes with --once.")
        try:
            with _interruptible(), LocalSnowflake() as snowflake:
                settings.SNOWFLAKE_ENDPOINT = snowflake.endpoint
                people = self._set_up(executions)
                if once:
                    self._once(snowflake)
                else:
                    with Inbox(host, free_port(inbox_port)) as inbox:
                        self._live(snowflake, people, inbox, host, self._free_port(port))
        except KeyboardInterrupt:
            self._tell("Everything that was started has ended, and what was loaded into the local Snowflake is gone.")

    def _free_port(self, wanted: int) -> int:
        found = free_port(wanted)
        if wanted not in (0, found):
            self._tell(f"Port {wanted} is in use; the web server takes {found} instead.")
        return found

    def _set_up(self, executions: int) -> People:
        self._tell("PostgreSQL and the local Snowflake are running.")
        self._tell("Making the tables …")
        call_command("migrate", verbosity=0)
        if WorkflowExecution.objects.exists():
            raise CommandError(
                "The database of DATABASE_URL has executions already. The demo adds made-up ones, so it wants an "
                "empty database: unset DATABASE_URL to use the embedded one."
            )
        self._tell("Making an admin, two users with Snowflake accounts, and one without …")
        people = make_people()
        self._tell(f"Completing {executions} executions …")
        complete_samples(people, executions)
        return people

    def _once(self, snowflake: LocalSnowflake) -> None:
        logging.getLogger("sync").setLevel(logging.CRITICAL)
        self._tell("Loading them …")
        before, started = len(snowflake.statements()), time.monotonic()
        Worker().run_once()
        seconds = time.monotonic() - started
        summary = report.summary(len(snowflake.statements()) - before, seconds)
        if self.quiet:
            self.stdout.write(json.dumps(summary.as_json()))
            return
        self._tell(f"\n{summary}")
        self._tell("\nWhat failed does so on purpose, to show what is said then:")
        for line in report.failures():
            self._tell(f"  {line}")
        self._tell("\nRead back from Snowflake:")
        for line in report.read_back(snowflake):
            self._tell(f"  {line}")

    def _live(self, snowflake: LocalSnowflake, people: People, inbox: Inbox, host: str, port: int) -> None:
        environment = {
            "DEBUG": "true",
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "SNOWFLAKE_ENDPOINT": snowflake.endpoint,
            "SITE_URL": f"http://127.0.0.1:{port}",
            "EMAIL_URL": inbox.email_url,
            "DEFAULT_FROM_EMAIL": "sync@example.com",
            "ALERT_HOSTS": inbox.address,
            # What is wrong is told soon.
            "SYNC_CHECK_INTERVAL": "10",
        }
        settings.ALERT_HOSTS = [inbox.address]
        inbox.signed_with = make_channels(people, inbox.address)
        processes = Processes(environment, LOGS)
        make_trouble(snowflake, people)
        try:
            self._tell("Starting the web server and a worker …")
            processes.start("web server", "run_sync_web", "--listen", f"{host}:{port}")
            log = processes.start("worker", "run_sync_worker")
            wait_for_port(port, processes)
            self._say_where_to_look(port, people, inbox, log, environment)
            self._watch(people, processes)
        except KeyboardInterrupt:
            self._tell("\nStopping …")
            raise
        except RuntimeError as error:
            raise CommandError(f"{error}: see {LOGS}.") from None
        finally:
            processes.stop()

    def _say_where_to_look(
        self, port: int, people: People, inbox: Inbox, log: Path, environment: dict[str, str]
    ) -> None:
        snowflake = environment["SNOWFLAKE_ENDPOINT"]
        named = ("DEBUG", "DATABASE_URL", "SNOWFLAKE_ENDPOINT")
        variables = " ".join(f"{name}={shlex.quote(environment[name])}" for name in named)
        self._tell(
            f"""
  Console     http://127.0.0.1:{port}/           log in as {ADMIN}, or as {people.users[0].email} who sees their own;
              the password is {PASSWORD}
  Admin       http://127.0.0.1:{port}/admin/   log in as {ADMIN} with the password {PASSWORD}
  API         curl -H "Authorization: Bearer {people.token}" http://127.0.0.1:{port}/api/snowflake-sync/stats
              http://127.0.0.1:{port}/api/docs
  Alerts      {inbox.address}/           the mails and webhooks that arrive, the first within half a minute
  Machines    http://127.0.0.1:{port}/readyz   http://127.0.0.1:{port}/metrics
  Terminal    {variables} {shlex.quote(sys.executable)} manage.py sync_status
  Snowflake   {shlex.quote(sys.executable)} -m sandbox.snowflake.ask {snowflake} ADA_ANALYTICS "SHOW TABLES"
  Worker log  tail -f "{log}"

Rules can be tried (docs/rules.md) on the workflows orders-ada, which has e-mails and a status, and heartbeat-ada, which
nobody needs; name them so, or orders-*. Some orders are a month and more old.

Something is wrong on purpose: {REFUSED} is refused, until its password is {WANTED}; some results cannot be loaded; one
load in ten or so is cancelled and tried again; and one user has no destination.

An execution completes every few seconds from now on. Ctrl-C ends everything, and throws the demo's data away.
"""
        )

    def _watch(self, people: People, processes: Processes) -> None:
        more = trickle(people, seed=100)
        while (ended := processes.ended()) is None:
            execution = next(more)
            time.sleep(3)
            counts = sync_statistics()
            line = ", ".join(f"{counts[status]['count']} {status}" for status in SyncQueueItem.Status.values)
            self._tell(f"  completed {execution.execution_id[:8]}… ({execution.workflow})   queue: {line}")
        raise RuntimeError(f"The {ended} ended")

    def _tell(self, text: str) -> None:
        if not self.quiet:
            self.stdout.write(text)
            self.stdout.flush()


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does, once: a second one must not break off the stopping."""

    def interrupt(*_: object) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, interrupt) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
