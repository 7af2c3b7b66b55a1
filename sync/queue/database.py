"""How the queue talks to PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from sync.queue.prepared import Prepared

# Shorter than PostgreSQL's deadlock_timeout (1 s): where the application and a worker wait for each
# other, it is the worker that gives up and tries again. Compiling would take ten times as long as
# these statements do.
_SETTINGS = "SET LOCAL lock_timeout = '500ms'; SET LOCAL jit = off;\n"

Row = tuple[Any, ...]


def one_statement(sql: str, params: dict[str, Any]) -> list[Row]:
    """Runs one statement, as a transaction of its own unless one is open, in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS + sql, params)
        return cursor.fetchall() if cursor.description else []


def one_prepared(statement: Prepared, params: dict[str, Any], *, before: str = "") -> list[Row]:
    """The same for one that is planned once a session; `before` are statements that go with it."""
    with connection.cursor() as cursor:
        statement.execute_alone(cursor, _SETTINGS + before, params)
        rows: list[Row] = cursor.fetchall()
        return rows


def is_lost(error: Exception) -> bool:
    """Whether the connection is gone, or a lock was held for too long: the same may go well on another connection.

    psycopg2 says neither of the two where the server went without a word: a DatabaseError without a code.
    """
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError


@contextmanager
def short_transaction() -> Iterator[CursorWrapper]:
    """A transaction of a few statements, none of which may wait for anything but PostgreSQL."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        yield cursor
