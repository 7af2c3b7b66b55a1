"""Which results were read: what the sweep compares to see whether they have changed since."""

from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import failure

# The same expression as in sync.queue.sweep.
RESULT_HASH = (
    "jsonb_hash_extended(coalesce(result_rows, 'null'), jsonb_hash_extended(coalesce(result_columns, 'null'), 0))"
)
# xmin is the transaction that wrote the row last.
_VERSION = f"SELECT {RESULT_HASH}, xmin::text FROM workflow_executions WHERE execution_id = %s"  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Version:
    """A hash of columns and rows, and the execution's xmin."""

    result_hash: int
    source_version: str


def version_of(cursor: Cursor, execution_id: str) -> Version:
    """The version that a `snapshot` cursor sees. Raises execution_not_visible."""
    cursor.execute(_VERSION, [execution_id])
    row = cursor.fetchone()
    if row is None:
        raise failure("execution_not_visible", f"Execution {execution_id} was not found")
    return Version(*row)
