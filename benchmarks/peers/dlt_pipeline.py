"""dlt loading the same rows, to count its statements: a process of its own, since dlt's settings are a process's.

A run appends what it is given to one table, with what dlt does by itself and nothing else. Three things are changed on
their way out, none of them the number of statements: the local Snowflake has no stages of tables, so a named one is
used; it takes no several statements in one request, which Snowflake, too, counts one by one; and it cannot COPY JSON,
so a SELECT is sent in COPY's place.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from snowflake.connector.cursor import SnowflakeCursor

from benchmarks.common import PEERS_PYTHON
from sandbox.samples.flights import flights
from sandbox.snowflake.client import LocalSnowflake

_ROOT = Path(__file__).resolve().parents[2]
_STAGE = "DLT_STAGE"
_EXECUTE = SnowflakeCursor.execute
_PUT_TARGET = re.compile(rf"'@{_STAGE}/\"([\d.]+)\"'")


def statements_of_a_run(server: LocalSnowflake, database: str, *, executions: int, runs: int) -> tuple[float, float]:
    """Statements and log-ins that a run takes once its tables are made; each loads so many executions of 100 rows."""
    connection = server.connect(database)
    connection.cursor().execute(f"CREATE STAGE {_STAGE}")
    connection.close()
    with tempfile.TemporaryDirectory() as directory:
        _run(server.endpoint, database, directory, executions, 1)
        before = _counted(server, database)
        _run(server.endpoint, database, directory, executions, runs)
        after = _counted(server, database)
    return (after[0] - before[0]) / runs, (after[1] - before[1]) / runs


def _counted(server: LocalSnowflake, database: str) -> tuple[int, int]:
    logins = [login for login in server.logins() if login.database == database]
    return len(server.statements("", database)), len(logins)


def _run(*arguments: object) -> None:
    environment = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(arguments[2])}
    command = [str(PEERS_PYTHON), "-m", "benchmarks.peers.dlt_pipeline", *map(str, arguments)]
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"dlt failed: {done.stderr[-2000:]}")


def main(endpoint: str, database: str, directory: str, *, executions: int, runs: int) -> None:
    """Runs the pipeline so often. What it knows of the destination is kept in the directory."""
    import dlt  # noqa: PLC0415 - only here, where its settings are
    from dlt.destinations import snowflake  # noqa: PLC0415

    where = urlsplit(endpoint)
    options = f"host={where.hostname}&port={where.port}&protocol={where.scheme}&network_timeout=30&login_timeout=10"
    destination = snowflake(f"snowflake://SYNC:password@account/{database}?{options}", stage_name=_STAGE)
    pipeline = dlt.pipeline("flights", destination=destination, dataset_name="public", pipelines_dir=directory)
    rows = [{**flight, "_execution_id": str(n)} for n in range(executions) for flight in flights()[:100]]
    with patch.object(SnowflakeCursor, "execute", _execute):
        for _ in range(runs):
            pipeline.run(rows, table_name="flights", write_disposition="append")


def _execute(cursor: Any, command: str, *args: Any, **more: Any) -> Any:
    more.pop("num_statements", None)
    for statement in command.split(";"):
        if statement.lstrip().startswith("COPY INTO"):
            _EXECUTE(cursor, "SELECT 'COPY'", **more)
        elif statement.strip():
            _EXECUTE(cursor, _PUT_TARGET.sub(rf"'@{_STAGE}/\1'", statement), *args, **more)
    return cursor


if __name__ == "__main__":
    main(*sys.argv[1:4], executions=int(sys.argv[4]), runs=int(sys.argv[5]))
