"""Reading with a limit on time."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.errors
from django.db import OperationalError, connection, transaction


class TooSlowError(OperationalError):
    """PostgreSQL did not answer within the time that a statement had."""


@contextmanager
def bounded_reading(seconds: float) -> Iterator[None]:
    """A transaction in which no statement takes longer. Raises TooSlowError.

    The settings are LOCAL, because a pooler may hand the session to others, and jit is off, since compiling would take
    longer than these statements do.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}; SET LOCAL jit = off")
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg2.errors.QueryCanceled):
            raise TooSlowError from error
        raise
