"""The transaction that a result is read in."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.postgres import limits

# With extra_float_digits a double has the same text whatever the role's settings. Compiling and parallel workers cost
# more than they save here, and memoizing a chunk's answers would mean to hash the whole result each time. row_security
# stays: an execution that it hides is reported.
SETTINGS = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL lock_timeout = '60s'; SET LOCAL extra_float_digits = 1; SET LOCAL jit = off; SET LOCAL enable_memoize = off;
SET LOCAL max_parallel_workers_per_gather = 0
"""


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[Cursor]:
    """A psycopg2 cursor whose statements all see the same moment and change nothing.

    Closes the transaction at the end: no snapshot is held while Snowflake is being talked to.
    Raises Django's RuntimeError if a transaction is open already.
    """
    with transaction.atomic(using=connection.alias, durable=True), connection.cursor() as wrapper:
        wrapper.execute(limits(connection) + SETTINGS)
        # Reading through psycopg2's own cursor raises psycopg2's own errors; callers expect Django's.
        with connection.wrap_database_errors:
            yield wrapper.cursor
