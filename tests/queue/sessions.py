"""Another session, which holds something."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def another_session(sql: str, *params: str) -> Iterator[Callable[[], None]]:
    """A transaction of somebody else's that has done this and goes on until the end, or until it is told to let go."""
    session = connection.copy("another")
    try:
        session.set_autocommit(False)
        with session.cursor() as cursor:
            cursor.execute(sql, params)
        yield session.rollback
    finally:
        session.rollback()
        session.close()
