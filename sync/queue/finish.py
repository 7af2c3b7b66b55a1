"""The end of a claim: fenced by its token, recorded as an attempt, told to the execution, in one short transaction."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from sync.errors import SyncError
from sync.postgres import Prepared, array, short_transaction, storable
from sync.queue.endings import completed, failed, released, retried, skipped
from sync.queue.executions import Refusals, lock_executions, tell
from sync.queue.finish_sql import (
    ALREADY_FINISHED,
    COLUMNS,
    FINISH,
    FINISH_AND_TELL,
    LOCK_ITEMS,
    RECORD_REFUSED,
    REPEAT_LATE_LOADS,
)
from sync.queue.rows import Attempt, Claim, Finish, Outcome


def complete(claim: Claim, outcome: Outcome, attempt: Attempt, *, now: datetime | None = None) -> str | None:
    """The result is in its table. Where new results have come meanwhile, the item is pending again instead."""
    return finish([completed(claim, outcome, attempt)], now=now)[0]


def retry_later(
    claim: Claim,
    error: SyncError,
    attempt: Attempt,
    *,
    delay: float,
    counts: bool = True,
    now: datetime | None = None,
) -> str | None:
    """Pending again after `delay` seconds; failed where all retries are used up, if this one counts."""
    return finish([retried(claim, error, attempt, delay=delay, counts=counts)], now=now)[0]


def fail(claim: Claim, error: SyncError, attempt: Attempt, *, now: datetime | None = None) -> str | None:
    """Failed: another try would end the same way."""
    return finish([failed(claim, error, attempt)], now=now)[0]


def skip(claim: Claim, error: SyncError, attempt: Attempt, *, now: datetime | None = None) -> str | None:
    """Skipped, with the reason."""
    return finish([skipped(claim, error, attempt)], now=now)[0]


def release(claim: Claim, attempt: Attempt, *, now: datetime | None = None) -> str | None:
    """Handed back at a stop: pending at once, and no retry is counted."""
    return finish([released(claim, attempt)], now=now)[0]


def finish(endings: Sequence[Finish], *, skip_locked: bool = False, now: datetime | None = None) -> list[str | None]:
    """Ends several claims at once; what each item became, or None where the finish was refused: the claim was lost.

    A refused finish after a load statement was sent puts the item back to pending with a new generation: a token
    fences PostgreSQL, not Snowflake, so what was loaded late is replaced once more. With `skip_locked`, what
    somebody else is writing is left for another time.
    """
    # In one order everywhere, for the locks.
    ordered = sorted(endings, key=lambda ending: ending.claim.execution_id)
    try:
        done = _finish(ordered, carefully=skip_locked, skip_locked=skip_locked, now=now)
    except Refusals:
        # Perhaps it was the application's table, and that must not keep an item from ending.
        done = _finish(ordered, carefully=True, skip_locked=skip_locked, now=now)
    return [done.get(item_id) for item_id in {ending.claim.item_id: None for ending in endings}]


def _finish(endings: Sequence[Finish], *, carefully: bool, skip_locked: bool, now: datetime | None) -> dict[UUID, str]:
    """Carefully: no execution is told before its items have ended."""
    with short_transaction() as cursor:
        done = {} if carefully else _end(cursor, FINISH_AND_TELL, endings, now)
        left = [ending for ending in endings if ending.claim.item_id not in done]
        if left:
            done |= _finish_carefully(cursor, left, skip_locked=skip_locked, now=now)
    return done


def _finish_carefully(
    cursor: CursorWrapper, endings: Sequence[Finish], *, skip_locked: bool, now: datetime | None
) -> dict[UUID, str]:
    locked = lock_executions(cursor, [ending.claim.execution_id for ending in endings], skip_locked=skip_locked)
    left = [ending for ending in endings if not skip_locked or ending.claim.execution_id in locked]
    # What somebody is changing is waited for: a claim that is valid must not be taken for a lost one.
    cursor.execute(LOCK_ITEMS, [[ending.claim.item_id for ending in left]])
    done = _end(cursor, FINISH, left, now) if left else {}
    if refused := [ending for ending in left if ending.claim.item_id not in done]:
        done |= _after_refusals(cursor, refused, now)
    tell(cursor, locked)
    return done


def _end(
    cursor: CursorWrapper, statement: Prepared, endings: Sequence[Finish], now: datetime | None
) -> dict[UUID, str]:
    statement.execute(cursor, {**_as_arrays(endings), "now": now})
    return dict(cursor.fetchall())


def _after_refusals(cursor: CursorWrapper, endings: Sequence[Finish], now: datetime | None) -> dict[UUID, str]:
    """A finish whose answer was lost is sent again: what it did the first time stands."""
    items = [ending.claim.item_id for ending in endings]
    cursor.execute(ALREADY_FINISHED, {"items": items, "tokens": [ending.claim.claim_token for ending in endings]})
    done: dict[UUID, str] = dict(cursor.fetchall())
    refused = [ending for ending in endings if ending.claim.item_id not in done]
    if refused:
        cursor.execute(RECORD_REFUSED, {**_as_arrays(refused), "now": now})
    late = [ending.claim.item_id for ending in refused if ending.attempt.load_sent]
    if late:
        cursor.execute(REPEAT_LATE_LOADS, {"items": late, "now": now})
    return done


def _as_arrays(endings: Sequence[Finish]) -> dict[str, str]:
    """A parameter a column."""
    columns = zip(*map(_as_row, endings), strict=True)
    return {name: array(values) for name, values in zip(COLUMNS, columns, strict=True)}


def _as_row(ending: Finish) -> tuple[Any, ...]:
    """In the order of COLUMNS."""
    claim, attempt, loaded, error = ending.claim, ending.attempt, ending.loaded, ending.error
    return (
        claim.item_id,
        claim.claim_token,
        claim.worker_id,
        claim.generation,
        ending.outcome,
        ending.status,
        ending.counts,
        ending.delay,
        error and error.code,
        error and storable(f"{error.happened}."),
        error and storable(error.remedy),
        error and storable(error.meanwhile),
        loaded and loaded.schema_name,
        loaded and loaded.table_name,
        loaded and loaded.requested_schema,
        loaded and loaded.requested_table,
        loaded and loaded.row_count,
        attempt.result_hash,
        attempt.source_version,
        attempt.started_at,
        json.dumps(attempt.timings),
        attempt.rows,
        attempt.bytes,
        attempt.batch_size,
        attempt.statements,
        array(attempt.query_ids),
    )
