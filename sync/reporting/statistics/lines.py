"""The queue counted, by owner, destination, status and error code.

A small queue is counted for each question; of a large one there are lines that serve everyone for some seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection

from sync.reporting.statistics import rollup_sql as sql
from sync.reporting.statistics.keeping import keeper
from sync.reporting.statistics.making import age, make_if_older

# Items that are counted for each question, in a few milliseconds.
SMALL = 10_000

Dimension = Literal["user_id", "configuration_id", "status", "error_code"]
_DIMENSIONS: tuple[Dimension, ...] = ("user_id", "configuration_id", "status", "error_code")


@dataclass(frozen=True, slots=True)
class Line:
    """Items that have these in common; None for what was not asked for. `retries` are those of all of them together.

    `oldest_item` and `newest_item` are times of creation, `last_change` the latest of any; `last_hour`, `last_day` and
    `last_week` count those whose last change is no longer ago.
    """

    user_id: UUID | None
    configuration_id: UUID | None
    status: str | None
    error_code: str | None
    count: int
    retries: int
    oldest_item: datetime | None
    newest_item: datetime | None
    oldest_run_after: datetime | None
    last_change: datetime | None
    last_hour: int
    last_day: int
    last_week: int


@dataclass(frozen=True, slots=True)
class Rollup:
    """What was counted, and as of when: now, or where the lines were `kept`, at most some seconds ago."""

    as_of: datetime
    lines: tuple[Line, ...]
    kept: bool


def rollup(
    by: Sequence[Dimension],
    *,
    user_id: UUID | None = None,
    watch: bool = False,
    make: bool = True,
    now: datetime | None = None,
) -> Rollup:
    """Lines for each combination of these dimensions that there is: of all items, or of one user's.

    Where the lines of a large queue are too old, this takes a pass over it: 0.2 s for a million items. `watch`: more
    such questions will come, so this process keeps the lines fresh for some minutes. Without `make` nothing is
    written: what is too old is counted for this question alone.
    """
    found = age(now=now)
    kept = found is not None and found.is_fresh
    if make and not kept and not _is_small():
        # Before the pass: whoever asks may not wait for all of it, and then finds it done the next time.
        _watch(watch)
        kept = make_if_older(now=now)
    elif kept:
        _watch(watch)
    return _added_up(by, user_id, now, kept=kept)


def _watch(watch: bool) -> None:  # noqa: FBT001
    if watch:
        keeper.asked()


def _is_small() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql.COUNT_SOME, {"limit": SMALL + 1})
        return bool(cursor.fetchone()[0] <= SMALL)


def _added_up(by: Sequence[Dimension], user_id: UUID | None, now: datetime | None, *, kept: bool) -> Rollup:
    statement = sql.ADDED_UP.format(
        as_of=sql.KEPT_AS_OF if kept else sql.LIVE_AS_OF,
        lines=sql.KEPT if kept else sql.LINES,
        dimensions=", ".join(map(connection.ops.quote_name, by)),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"user_id": user_id, "now": now})
        rows = cursor.fetchall()
    counted = (row[1:] for row in rows if row[len(by) + 1] is not None)
    return Rollup(rows[0][0], tuple(_line(by, row) for row in counted), kept)


def _line(by: Sequence[Dimension], row: Sequence[object]) -> Line:
    named = dict(zip(by, row, strict=False))
    return Line(*map(named.get, _DIMENSIONS), *row[len(by) :])  # type: ignore[arg-type]  # as the statement says
