"""How the queue talks to PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import encodings

from sync.errors import SyncError
from sync.postgres.prepared import Prepared, execute_alone
from sync.postgres.refusals import limits

# A transaction that waited for a row has to see what the other has done to it.
_ISOLATION = "SET LOCAL transaction_isolation = 'read committed';"
# The lock_timeout is shorter than PostgreSQL's deadlock_timeout (1 s): if the application and a worker wait for each
# other, it is the worker that gives up and tries again. And jit is off: compiling would take ten times as long as these
# statements do.
_SETTINGS = "SET LOCAL lock_timeout = '500ms'; SET LOCAL jit = off;\n"

Row = tuple[Any, ...]


def one_statement(sql: str, params: dict[str, Any]) -> list[Row]:
    """Runs one statement, as a transaction of its own unless one is open, in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute(_settings() + sql, params)
        return cursor.fetchall() if cursor.description else []


def one_prepared(statements: Sequence[Prepared], params: dict[str, Any]) -> list[Row]:
    """The same for statements that are planned once a session, one after the other; the rows of the last one.

    Each sees what was committed before it began.
    """
    with connection.cursor() as cursor:
        execute_alone(cursor, _settings(), statements, params)
        rows: list[Row] = cursor.fetchall()
        return rows


def fetch(sql: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> list[Row]:
    """The rows of a statement, in whatever transaction is open, and within its limits."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[Row] = cursor.fetchall()
        return rows


def database_now() -> datetime:
    """The time now by PostgreSQL's clock, by which the whole queue goes; not the time of the transaction's start."""
    now: datetime = fetch("SELECT clock_timestamp()")[0][0]
    return now


def storable(text: str) -> str:
    """The text as the database's encoding can hold it: an error may quote anything."""
    connection.ensure_connection()
    encoding = connection.connection.info.parameter_status("server_encoding")
    codec = "utf-8" if encoding == "SQL_ASCII" else encodings.get(encoding, "utf-8")
    return text.replace("\0", "").encode(codec, "replace").decode(codec)


def as_stored(error: SyncError) -> dict[str, str]:
    """An error as columns keep it: its code, what happened, and what to do."""
    return {"code": error.code, "message": storable(f"{error.happened}."), "remedy": storable(error.remedy)}


def _settings() -> str:
    """The settings to begin with; none if a transaction is open already, since it has the limits of its opener."""
    return _SETTINGS if connection.in_atomic_block else _ISOLATION + limits(connection) + _SETTINGS


@contextmanager
def short_transaction() -> Iterator[CursorWrapper]:
    """A transaction of a few statements, none of which may wait for anything but PostgreSQL."""
    settings = _settings()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(settings)
        yield cursor
