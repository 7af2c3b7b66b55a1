"""The kept lines: made by one pass over the queue, for whoever asks first, and fresh for some seconds.

They can be made again from the queue at any time; nobody keeps them in step.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from sync.reporting.statistics import rollup_sql as sql

# Seconds that lines may be old; where a pass takes longer, so many passes' time: it never takes more than a fifth of a
# processor.
FRESH = 5.0
FRESH_PASSES = 5


@dataclass(frozen=True, slots=True)
class Age:
    """Seconds since the lines were made, and how long that took."""

    seconds: float
    took: float

    @property
    def limit(self) -> float:
        """Seconds that they may be old."""
        return max(FRESH, FRESH_PASSES * self.took)

    @property
    def is_fresh(self) -> bool:
        """Whether they still serve."""
        return self.seconds <= self.limit


def age(*, now: datetime | None = None) -> Age | None:
    """How old the lines are; None where none have been made since PostgreSQL last crashed."""
    with connection.cursor() as cursor:
        cursor.execute(sql.AGE, {"now": now})
        row = cursor.fetchone()
    return Age(*row) if row else None


def make_if_older(share: float = 1.0, *, wait: bool = True, now: datetime | None = None) -> bool:
    """Makes the lines anew where they are older than a share of what they may be; one caller at a time.

    With `wait`, whoever comes second waits for the first and has its lines; else it passes by: False.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # A pass is one short plan; compiling it would take longer than a small one does.
        cursor.execute("SET LOCAL jit = off")
        if age(now=now) is None:
            cursor.execute(sql.BEGIN)
        cursor.execute(sql.AGE_ONCE_FREE if wait else sql.AGE_IF_FREE, {"now": now})
        row = cursor.fetchone()
        if row and row[0] > share * Age(*row).limit:
            cursor.execute(sql.MAKE, {"now": now})
        return row is not None
