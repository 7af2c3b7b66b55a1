"""One test's world: a PostgreSQL database, a Snowflake database, the application, and the workers between them."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.snowflake.client import LocalSnowflake
from sandbox.snowflake.records import Strike
from tests.chaos.application import Application
from tests.chaos.fleet import Fleet, WorkerProcess
from tests.chaos.postgres import ROOT, Postgres
from tests.chaos.waiting import until

# Short, so that a test sees a lease end; see `Limits.within` for the seconds that they leave a statement.
PACE = {"SYNC_PROBE_INTERVAL": "0.2", "SYNC_CHECK_INTERVAL": "1"}

_OPEN = "SELECT count(*) FROM snowflake_sync_queue WHERE status IN ('pending', 'processing')"
_UNSEEN = """
SELECT count(*)
FROM workflow_executions AS execution
WHERE execution.status = 'completed'
    AND NOT EXISTS (SELECT FROM snowflake_sync_queue AS item WHERE item.execution_id = execution.execution_id)
"""
_END_LEASES = """
UPDATE snowflake_sync_workers SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE pid = ANY(%s);
UPDATE snowflake_sync_destination_states SET trial_until = trial_until - interval '1 hour';
"""
# What a catalogue does not say yet waits for the next load, if its publisher died, was frozen, or found no way in: here
# it comes, once the time is over for which whoever died had it or its views, and views wait that could not be made.
_NEXT_LOAD = """
UPDATE snowflake_sync_catalogues SET busy_until = NULL, next_at = NULL;
UPDATE snowflake_sync_views
SET busy_until = busy_until - interval '1 hour', error_at = error_at - interval '1 hour';
UPDATE snowflake_sync_catalogue_changes SET awake = true, made_at = now();
"""


@dataclass
class World:
    """What a test works with."""

    postgres: Postgres
    snowflake: LocalSnowflake
    fleet: Fleet
    application: Application
    # What may fail, and with which code, because a permanent fault was put into it.
    doomed: dict[str, str] = field(default_factory=dict)
    # The workflows that rules leave out: nothing of them may be in Snowflake.
    left_out: set[str] = field(default_factory=set)
    # The executions that are past retention in the end, and taken out.
    past: set[str] = field(default_factory=set)
    # When random faults and outages ended, on time.monotonic(); None: there were none. What was used last before then
    # may be a session whose log-in's or log-out's answer they took away.
    calm_since: float | None = None
    _reader: Any = None

    @property
    def database(self) -> str:
        return self.application.database

    def rows(self, query: str, params: Any = ()) -> list[tuple[Any, ...]]:
        """Asks PostgreSQL."""
        return self.postgres.rows(self.database, query, params)

    def tell(self, statement: str, params: Any = ()) -> None:
        self.postgres.rows(self.database, statement, params)

    def snowflake_rows(self, query: str) -> list[dict[str, Any]]:
        """Asks Snowflake, in a session that no fault is meant for; rows by column name."""
        if self._reader is None:
            self._reader = self.snowflake.connect(self.application.snowflake_database)
        with self._reader.cursor() as cursor:
            found = cursor.execute(query).fetchall()
            names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in found]

    def worker(self, *options: str, lease: float = 180, host: str = "a", **environment: str) -> WorkerProcess:
        """Starts a worker."""
        return self.fleet.start(*options, host=host, SYNC_LEASE_SECONDS=str(lease), **environment)

    def calm(self) -> None:
        """The random faults have ended; see `calm_since`."""
        self.snowflake.clear_faults()
        self.calm_since = time.monotonic()

    def strikes(self) -> list[Strike]:
        """The faults that struck this test's destinations."""
        return self.snowflake.strikes()

    def manage(self, *arguments: str) -> str:
        """Runs a command of the project on this world."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env={**os.environ, **self.fleet.environment, "TMPDIR": str(self.fleet.host("a"))},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def expire(self, *processes: WorkerProcess) -> None:
        """The leases and log-ins of killed workers run out; not before what they sent has ended, as statements do."""
        gone = self.fleet.ports_of_the_killed
        until(
            lambda: not any(found.requests for found in self.snowflake.sessions() if gone & set(found.ports)),
            "the statements of the killed workers ended",
        )
        assert not any(process.runs for process in processes)
        self.tell(_END_LEASES, ([process.pid for process in processes],))

    def open_items(self) -> int:
        """Counts the items that have not ended."""
        return int(self.rows(_OPEN)[0][0])

    def settle(self, seconds: float = 90.0) -> None:
        """Waits until every execution is queued and every item has ended."""

        def settled() -> bool:
            assert self.fleet.running, f"no worker runs any more:\n{self.fleet.output()}"
            return not self.open_items() and not self.rows(_UNSEEN)[0][0]

        until(settled, "every item has ended", seconds, pause=0.2)

    def finish(self) -> None:
        """The workers stop, and one sweep later nothing is left to be done; each host of a killed one makes it."""
        self.fleet.stop()
        self.tell(_NEXT_LOAD)
        for sweeping in [self.worker("--once", host=host) for host in self.fleet.hosts_of_the_killed or ["a"]]:
            sweeping.popen.wait(120)


@contextmanager
def new_world(postgres: Postgres, snowflake: LocalSnowflake, directory: Path) -> Iterator[World]:
    """A world with nothing in it; what ran there is ended afterwards."""
    name = f"chaos_{uuid.uuid4().hex[:12]}"
    postgres.migrated(name)
    snowflake.clear_faults()
    snowflake.reset_log()
    environment = {
        "DATABASE_URL": postgres.url(name),
        "SNOWFLAKE_ENDPOINT": snowflake.endpoint,
        "DEBUG": "true",
        "LOG_LEVEL": "INFO",
        **PACE,
    }
    fleet = Fleet(directory, environment)
    world = World(postgres, snowflake, fleet, Application(postgres, name, name.upper()))
    try:
        yield world
    finally:
        fleet.close()
        world.application.close()
        snowflake.thaw()
        snowflake.accept()
        snowflake.clear_faults()
        postgres.drop(name)
