"""Which results were read: what the sweep compares to see whether they have changed since."""

from dataclasses import dataclass

# The same expression as in sync.queue.sweep.
RESULT_HASH = (
    "jsonb_hash_extended(coalesce(result_rows, 'null'), jsonb_hash_extended(coalesce(result_columns, 'null'), 0))"
)


@dataclass(frozen=True, slots=True)
class Version:
    """A hash of columns and rows, and the execution's xmin: the transaction that wrote the row last."""

    result_hash: int
    source_version: str
