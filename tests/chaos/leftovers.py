"""What must not be left behind: staged and temporary files, connections, locks, sessions, temporary tables."""

import time
from datetime import UTC, datetime, timedelta

from snowflake.connector.errors import ProgrammingError

from sync.snowflake.load.leftovers import clear_staged_files
from sync.snowflake.session import Session
from sync.snowflake.session.credentials import Password
from sync.snowflake.session.destination import Destination
from sync.snowflake.session.failures import NOT_FOUND
from sync.snowflake.statements import STAGE, Table
from tests.chaos.waiting import until
from tests.chaos.world import World

_CONNECTIONS = """
SELECT application_name, state, query FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> 'chaos'
"""
_ADVISORY_LOCKS = "SELECT classid, objid FROM pg_locks WHERE locktype = 'advisory'"
_SCHEMAS = "SELECT DISTINCT schema FROM snowflake_configurations"


def leftovers(world: World) -> list[str]:
    """What is left although all workers have ended, a line each."""
    return [*_in_postgres(world), *_on_the_hosts(world), *_on_the_stages(world), *_in_sessions(world)]


def _in_postgres(world: World) -> list[str]:
    until(lambda: not world.rows(_CONNECTIONS), "no connection to PostgreSQL is left", 30)
    return [f"an advisory lock is left: {lock}" for lock in world.rows(_ADVISORY_LOCKS)]


def _on_the_hosts(world: World) -> list[str]:
    files = [path for host in world.fleet.directory.glob("host-*") for path in host.rglob("*") if path.is_file()]
    return [f"the temporary file {path} is left" for path in files]


def _on_the_stages(world: World) -> list[str]:
    """What the sweep of the stages leaves that would take it away in a day."""
    left = []
    for (schema,) in world.rows(_SCHEMAS):
        _sweep(world, schema)
        try:
            found = world.snowflake_rows(f'LIST @"{world.application.snowflake_database}"."{schema}"."{STAGE}"')
        except ProgrammingError as error:
            if error.errno not in NOT_FOUND:
                raise
            continue
        left += [f"the staged file {row['name']} is left in {schema}" for row in found]
    return left


def _sweep(world: World, schema: str) -> None:
    database = world.application.snowflake_database
    destination = Destination(
        account="acme-main",
        database=database,
        schema=schema,
        warehouse="LOADING",
        credentials=Password("SWEEPER", "not-a-real-password"),
        endpoint=world.snowflake.endpoint,
    )
    session = Session(destination)
    while clear_staged_files(session, Table(database, schema, ""), datetime.now(UTC) + timedelta(minutes=1)):
        pass
    session.close()


def _in_sessions(world: World) -> list[str]:
    """A killed worker's sessions end in Snowflake by themselves, with what is temporary in them; others log out.

    Not those whose log-in's or log-out's answer a fault took away: only what was used since the faults ended counts.
    """
    left = []
    for session in world.snowflake.sessions():
        ours = session.user.startswith(world.application.snowflake_database)
        calm = world.calm_since is None or session.idle < time.monotonic() - world.calm_since
        if ours and calm and not world.fleet.ports_of_the_killed & set(session.ports):
            used = f"used {session.idle:.1f} s ago from {session.ports}"
            left.append(f"the session {session.number} of {session.user} is left, {used}: {session.temporary_tables}")
    return left
