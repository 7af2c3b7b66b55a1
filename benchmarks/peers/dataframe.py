"""The way that users of such a system load today: a pandas DataFrame, the connector's write_pandas, and MERGE.

One execution after the other, each with a session of its own: log-in, CREATE TABLE IF NOT EXISTS, CREATE TEMPORARY
TABLE, write_pandas (CREATE TEMPORARY STAGE, PUT, COPY), MERGE on the execution's id and the time of the upload, DROP,
log-out.
"""

import re
import time
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pandas
import snowflake.connector
from snowflake.connector.pandas_tools import write_pandas

from benchmarks.installation import Installation
from benchmarks.workers import Cost

_TYPES = {"integer": "NUMBER(38,0)", "string": "VARCHAR", "timestamp with time zone": "TIMESTAMP_TZ"}
_KEY = ("EXECUTION_ID", "UPLOADED_AT")

_RESULT = "SELECT result_columns, result_rows FROM workflow_executions WHERE execution_id = %s"
_DONE = """
UPDATE workflow_executions
SET snowflake_status = 'completed', snowflake_row_count = %s, snowflake_uploaded_at = now(), updated_at = now()
WHERE execution_id = %s
RETURNING execution_id
"""


_QUOTED_STAGE = re.compile(r"FROM '(@\"\w+\")'\)")


class _Cursor(snowflake.connector.cursor.SnowflakeCursor):
    """The local stand-in does not take write_pandas' PUT and COPY with bound names, nor a stage in quotes."""

    def execute(self, command: str, *args: Any, **more: Any) -> Any:
        if command.startswith("COPY INTO identifier(?)"):
            table, on_error = more.pop("params")
            command = _QUOTED_STAGE.sub(r"FROM \1)", command)
            command = command.replace("identifier(?)", table).replace("ON_ERROR=?", f"ON_ERROR={on_error}")
        return super().execute(command, *args, **more)

    def _upload(  # type: ignore[override]
        self, local_file_name: str, stage_location: str, options: dict[str, Any]
    ) -> None:
        self.execute(
            f"PUT {local_file_name} {stage_location} {' '.join(f'{name}={value}' for name, value in options.items())}"
        )


class _Connection(snowflake.connector.SnowflakeConnection):
    def cursor(self, cursor_class: Any = _Cursor) -> Any:
        return super().cursor(cursor_class)


def load(installed: Installation, execution_ids: Sequence[str]) -> Cost:
    """Loads these executions, in this process; what it took."""
    cpu, postgres, started = time.process_time(), installed.postgres_cpu(), time.monotonic()
    for execution_id in execution_ids:
        _load(installed, execution_id)
    seconds = time.monotonic() - started
    return Cost(seconds, time.process_time() - cpu, installed.postgres_cpu() - postgres)


def _load(installed: Installation, execution_id: str) -> None:
    ((columns, rows),) = installed.ask(_RESULT, [execution_id])
    frame = _frame(columns, rows, execution_id)
    types = {column["name"].upper(): _TYPES[column["type"]] for column in columns}
    types |= {"EXECUTION_ID": "VARCHAR", "UPLOADED_AT": "VARCHAR"}
    definitions = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
    table = f"WORKFLOW_EXECUTION_{execution_id.replace('-', '_').upper()}"
    aside = f"{table}_TEMP"
    connection = connect(installed)
    try:
        cursor = connection.cursor()
        cursor.execute(f'CREATE TABLE IF NOT EXISTS "{table}" ({definitions})')
        cursor.execute(f'CREATE TEMPORARY TABLE "{aside}" ({definitions})')
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            success, _, loaded, _ = write_pandas(connection, frame, aside)
        cursor.execute(_merge(table, aside, list(types)))
        cursor.execute(f'DROP TABLE IF EXISTS "{aside}"')
    finally:
        connection.close()
    if not success or loaded != len(rows):
        raise RuntimeError(f"write_pandas loaded {loaded} of {len(rows)} rows")
    installed.ask(_DONE, [loaded, execution_id])


def _frame(columns: list[dict[str, str]], rows: list[Any], execution_id: str) -> pandas.DataFrame:
    frame = pandas.DataFrame(rows, columns=[column["name"] for column in columns])
    frame.columns = frame.columns.str.upper()
    frame["EXECUTION_ID"] = execution_id
    frame["UPLOADED_AT"] = datetime.now(UTC).isoformat()
    return frame


def _merge(table: str, source: str, names: list[str]) -> str:
    on = " AND ".join(f'target."{name}" = source."{name}"' for name in _KEY)
    changed = ", ".join(f'"{name}" = source."{name}"' for name in names if name not in _KEY)
    inserted = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f'source."{name}"' for name in names)
    return (
        f'MERGE INTO "{table}" AS target USING "{source}" AS source ON {on} '
        f"WHEN MATCHED THEN UPDATE SET {changed} "
        f"WHEN NOT MATCHED THEN INSERT ({inserted}) VALUES ({values})"
    )


def connect(installed: Installation) -> Any:
    """A session in the destination's database, without what the connector would do beside statements."""
    where = urlsplit(installed.endpoint)
    return _Connection(
        account="myorg-myaccount",
        user="SYNC",
        password="not-a-real-password",
        database=installed.snowflake,
        schema="PUBLIC",
        protocol=where.scheme,
        host=where.hostname,
        port=where.port,
        login_timeout=30,
        network_timeout=60,
        # As everywhere here: no time for what the connector would ask of the machine and tell Snowflake.
        platform_detection_timeout_seconds=0.0,
        session_parameters={"CLIENT_TELEMETRY_ENABLED": False},
    )
