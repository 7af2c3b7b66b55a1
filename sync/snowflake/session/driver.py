"""The connector itself: opening a connection, and sending a statement, in the words of the line that is installed."""

import os
import threading
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from sync.snowflake.session import line_five, line_four
from sync.snowflake.session.destination import Destination, Limits, connect_arguments

MAJOR = int(version("snowflake-connector-python").split(".")[0])

_line = line_four if MAJOR < 5 else line_five
_importing = threading.Lock()

uploads_write_to = _line.uploads_write_to


class Connection(Protocol):
    """As much of the connector's connection as we use: PEP 249, and `retry` of close."""

    def cursor(self) -> Any: ...

    def close(self, retry: bool = ...) -> None: ...  # noqa: FBT001


def open_connection(destination: Destination, limits: Limits) -> Connection:
    """Logs in: one request, no statement.

    Raises configuration_invalid, host_trouble, and what the connector raises.
    """
    arguments = connect_arguments(destination, limits) | _line.arguments(limits, destination.address)
    with _importing:
        connector = _connector()
    opened: Connection = _line.connect(connector, arguments)
    return opened


def execute(connection: Connection, sql: str, seconds: int, tag: str, values: Sequence[str] = ()) -> Any:
    """Sends a statement that may take `seconds`, the session's own limit; the cursor with its answer.

    `tag` goes with the request, and costs no statement. `values` are for its question marks, and go beside its text.

    The cursor is never to be closed: that would wait for connector 4's timer while it tries to cancel a late statement,
    and a cursor holds nothing in Snowflake.
    """
    cursor = connection.cursor()
    _line.execute(cursor, sql, seconds, {"QUERY_TAG": tag}, values or None)
    return cursor


@cache
def _connector() -> Any:
    """Imported by whoever logs in first: that takes a third of the time in which a command or a web server starts."""
    # Read when the connector is imported. A config.toml in the home of whoever runs the worker could switch on
    # log files, or, being broken, forbid every log-in; here there is none.
    os.environ.setdefault("SNOWFLAKE_HOME", str(Path(__file__).parent))
    _line.prepare()
    import snowflake.connector  # noqa: PLC0415

    return snowflake.connector
