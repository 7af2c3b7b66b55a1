from sync.postgres.arrays import array
from sync.postgres.bounded import TooSlowError, bounded_reading
from sync.postgres.database import (
    as_stored,
    database_now,
    fetch,
    one_prepared,
    one_statement,
    short_transaction,
    storable,
)
from sync.postgres.prepared import Prepared
from sync.postgres.refusals import Unquoted, explained, first_line, is_passing, limits, refusal
from sync.postgres.sql_file import read_sql

__all__ = [
    "Prepared",
    "TooSlowError",
    "Unquoted",
    "array",
    "as_stored",
    "bounded_reading",
    "database_now",
    "explained",
    "fetch",
    "first_line",
    "is_passing",
    "limits",
    "one_prepared",
    "one_statement",
    "read_sql",
    "refusal",
    "short_transaction",
    "storable",
]
