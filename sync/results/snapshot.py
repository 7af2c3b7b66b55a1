"""The transaction that a result is read in."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

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


# Of all ways to hand a key to PostgreSQL, only rows that are copied into a temporary table show in no statement, log or
# view; and only in COPY's binary form an error quotes none of them. SETTINGS follow: in a transaction that is to change
# nothing no table is made. (With varchar(128) rather than bytea the table needs no TOAST table.)
LEND = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
CREATE TEMPORARY TABLE snowflake_sync_hash_pads (inner_pad varchar(128), outer_pad varchar(128)) ON COMMIT DROP
"""
FILL = "COPY pg_temp.snowflake_sync_hash_pads FROM STDIN (FORMAT binary)"
# postgresql.org/docs/current/sql-copy.html: signature, flags, extension; fields with their lengths; trailer.
_ROW = struct.Struct(">11siihi128si128sh")
_KEY = 32
_BLOCK = 64


@contextmanager
def snapshot(connection: BaseDatabaseWrapper, hash_key: bytes | None = None) -> Iterator[Cursor]:
    """A psycopg2 cursor whose statements all see the same moment and change nothing.

    With a key, of 32 bytes, they can hash as rules ask for.

    Closes the transaction at the end: no snapshot is held while Snowflake is being talked to.
    Raises Django's RuntimeError if a transaction is open already.
    """
    with transaction.atomic(using=connection.alias, durable=True), connection.cursor() as wrapper:
        settings = limits(connection)
        if hash_key is not None:
            wrapper.execute(settings + LEND)
            with connection.wrap_database_errors:
                wrapper.cursor.copy_expert(FILL, BytesIO(pads(hash_key)))
        wrapper.execute(settings + SETTINGS)
        # Reading through psycopg2's own cursor raises psycopg2's own errors; callers expect Django's.
        with connection.wrap_database_errors:
            yield wrapper.cursor


def pads(key: bytes) -> bytes:
    """The row of two pads (RFC 2104) for COPY. Raises ValueError for a key of another length."""
    if len(key) != _KEY:
        raise ValueError(f"A key for hashes has {_KEY} bytes.")
    block = key.ljust(_BLOCK, b"\0")
    pads = [bytes(byte ^ mask for byte in block).hex().encode() for mask in (0x36, 0x5C)]
    return _ROW.pack(b"PGCOPY\n\xff\r\n\0", 0, 0, 2, len(pads[0]), pads[0], len(pads[1]), pads[1], -1)
