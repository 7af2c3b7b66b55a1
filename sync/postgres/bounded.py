"""Reading with a limit on time."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.errors
from django.db import OperationalError, connection, transaction


class TooSlowError(OperationalError):
    """PostgreSQL did not answer within the time that a statement had."""


# Where a transaction is open already, the limit that it has stays one.
_LIMIT = """
SELECT set_config('jit', 'off', true), set_config('statement_timeout', least(%(limit)s, CASE WHEN %(is_open)s THEN
    1000 * extract(epoch FROM nullif(current_setting('statement_timeout')::interval, interval '0'))
END)::integer::text, true)
"""


@contextmanager
def bounded_reading(seconds: float) -> Iterator[None]:
    """A transaction in which no statement takes longer; within another one, the shorter time counts to its end.

    Raises TooSlowError. The settings are LOCAL, because a pooler may hand the session to others, and jit is off, since
    compiling would take longer than these statements do.
    """
    params = {"limit": max(1, int(seconds * 1000)), "is_open": connection.in_atomic_block}
    try:
        # Cursors of psycopg2 itself raise its errors.
        with connection.wrap_database_errors, transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_LIMIT, params)
            yield
    except OperationalError as error:
        # A COMMIT that was cancelled leaves the transaction open, while psycopg2 takes it for ended. Within another
        # transaction nothing is committed here, and closing would take what is around it away.
        if not params["is_open"]:
            connection.close_if_unusable_or_obsolete()
        if isinstance(error.__cause__, psycopg2.errors.QueryCanceled):
            raise TooSlowError from error
        raise
