"""The connector itself: opening a connection, and what differs between its two lines.

4.x is Python, 5.x a rewrite on a Rust core that knows other names for time limits.
"""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from sync.snowflake.session.destination import LONGEST_PAUSE, Destination, Limits, connect_arguments

MAJOR = int(version("snowflake-connector-python").split(".")[0])

_importing = threading.Lock()
_uploading = threading.local()


class Connection(Protocol):
    """As much of the connector's connection as we use: PEP 249, and `retry` of close."""

    def cursor(self) -> Any: ...

    def close(self, retry: bool = ...) -> None: ...  # noqa: FBT001


def open_connection(destination: Destination, limits: Limits) -> Connection:
    """Logs in: one request, no statement.

    Raises configuration_invalid, and what the connector raises.
    """
    arguments = connect_arguments(destination, limits) | of_line(limits, MAJOR)
    with _importing:
        connector = _connector()
    connection = connector.connect(**arguments)
    if MAJOR < 5:
        connection.errorhandler = _raise_in_our_threads
    opened: Connection = connection
    return opened


@cache
def _connector() -> Any:
    """Imported by whoever logs in first: that takes a third of the time in which a command or a web server starts."""
    # Read when the connector is imported. A config.toml in the home of whoever runs the worker could switch on
    # log files, or, being broken, forbid every log-in; here there is none.
    os.environ.setdefault("SNOWFLAKE_HOME", str(Path(__file__).parent))
    import snowflake.connector  # noqa: PLC0415

    if MAJOR < 5:
        from snowflake.connector import storage_client  # noqa: PLC0415
        from snowflake.connector.vendored.requests.sessions import SessionRedirectMixin  # noqa: PLC0415

        # There is no setting for it (4.8.1, storage_client.py), and a process that others share keeps its own TMPDIR.
        storage_client.tempfile = _Tempfile  # type: ignore[attr-defined, assignment]
        _stay_with_the_host(SessionRedirectMixin)
    return snowflake.connector


@contextmanager
def uploads_write_to(directory: Path) -> Iterator[None]:
    """Where this thread's PUT meanwhile writes what it sends: connector 4 encrypts a copy of the file.

    The system's temporary folder, where it would be otherwise, may be small or in memory, and nobody removes there
    what a killed process has left.
    """
    _uploading.directory = directory
    try:
        yield
    finally:
        del _uploading.directory


def of_line(limits: Limits, major: int) -> dict[str, object]:
    """Time limits, and what keeps a log-in from looking elsewhere, in the words of that line of the connector."""
    if major >= 5:
        return {
            "login_timeout": limits.login,
            "query_timeout": limits.statement,
            "request_timeout": limits.network,
            "connect_timeout": limits.socket,
            "retry_timeout": limits.socket,
            "retry_backoff_cap_ms": LONGEST_PAUSE * 1000,
            "enable_server_session_keep_alive_auto_detection": False,
        }
    return {
        "login_timeout": limits.login,
        "network_timeout": limits.network,
        "socket_timeout": limits.socket,
        "backoff_policy": _pauses,
        "client_session_keep_alive": False,
        # It would ask the metadata addresses of three clouds what machine this is: 0.2 s.
        "platform_detection_timeout_seconds": 0.0,
        "log_imported_packages_in_telemetry": False,
    }


def _pauses() -> Iterator[int]:
    """Seconds between the connector's own tries of a request."""
    seconds = 1
    while True:
        yield seconds
        seconds = min(LONGEST_PAUSE, seconds * 2)


def _raise_in_our_threads(connection: Any, cursor: Any, error_class: type[Exception], value: dict[str, Any]) -> None:
    """What the connector does with an error, except in its timer that cancels a late statement.

    There nobody could catch it: it would only put a traceback on the worker's stderr.
    """
    if not isinstance(threading.current_thread(), threading.Timer):
        _connector().Error.default_errorhandler(connection, cursor, error_class, value)


class _Tempfile:
    """`tempfile` as the connector's uploads see it; they begin in the thread that executes PUT."""

    @staticmethod
    def mkdtemp() -> str:
        return tempfile.mkdtemp(dir=getattr(_uploading, "directory", None))


def _stay_with_the_host(sessions: Any) -> None:
    """Lets the connector follow redirects within the host that it asked, and no others.

    It would send the password to wherever a 307 points. Snowflake sends some by mistake, to internal addresses, and has
    its drivers ask again (github.com/snowflakedb/snowflake-jdbc/pull/2344), which the connector does with one that is
    not followed. Uploads that S3 sends to another region are not concerned: the connector signs those anew by itself.
    """
    follow = sessions.get_redirect_target

    def get_redirect_target(session: Any, response: Any) -> Any:
        target = follow(session, response)
        if target is None or _origin(urljoin(response.url, target)) == _origin(response.url):
            return target
        return None

    sessions.get_redirect_target = get_redirect_target


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
