"""Connector 4: Python, with what has to be changed in it."""

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from sync.snowflake.session.account import Address
from sync.snowflake.session.destination import LONGEST_PAUSE, Limits

_uploading = threading.local()


def prepare() -> None:
    """What has no setting (4.8.1)."""
    from snowflake.connector import storage_client  # noqa: PLC0415
    from snowflake.connector.vendored.requests.sessions import SessionRedirectMixin  # noqa: PLC0415

    # A process that others share keeps its own TMPDIR.
    storage_client.tempfile = _Tempfile  # type: ignore[attr-defined, assignment]
    _stay_with_the_host(SessionRedirectMixin)


def arguments(limits: Limits, _address: Address) -> dict[str, object]:
    """Time limits, and what keeps a log-in from looking elsewhere."""
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


def connect(connector: Any, arguments: dict[str, object]) -> Any:
    connection = connector.connect(**arguments)
    connection.errorhandler = _raise_in_our_threads
    return connection


def execute(cursor: Any, sql: str, seconds: int, parameters: dict[str, str], values: Sequence[str] | None) -> None:
    """Sends a statement with parameters of its own, which the connector cancels when the time is over."""
    cursor.execute(sql, values, timeout=seconds, _statement_params=parameters)


@contextmanager
def uploads_write_to(directory: Path) -> Iterator[None]:
    """Where this thread's PUT meanwhile writes the encrypted copy of what it sends.

    The system's temporary folder, where it would be otherwise, may be small or in memory, and nobody removes there
    what a killed process has left.
    """
    _uploading.directory = directory
    try:
        yield
    finally:
        del _uploading.directory


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
        from snowflake.connector import Error  # noqa: PLC0415

        Error.default_errorhandler(connection, cursor, error_class, value)  # type: ignore[arg-type]


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
