"""The end of a claim: fenced by its token, recorded, and said by the execution, in one short transaction."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from sync.postgres import Prepared, array, read_sql, short_transaction, storable
from sync.queue.execution_status import Refusals, lock_executions, write_status
from sync.queue.rows import Finish

# What is sent of each ending, and as what. Arrays: PostgreSQL reads them six times as fast as JSON.
_COLUMNS = {
    "item_id": "uuid[]",
    "claim_token": "bigint[]",
    "worker_id": "bigint[]",
    "generation": "bigint[]",
    "outcome": "text[]",
    "status": "text[]",
    "counts": "boolean[]",
    "delay": "double precision[]",
    "error_code": "text[]",
    "error_message": "text[]",
    # Of an item that has come to its end, and of one that is pending again.
    "remedy": "text[]",
    "meanwhile": "text[]",
    "schema_name": "text[]",
    "table_name": "text[]",
    "requested_schema": "text[]",
    "requested_table": "text[]",
    "row_count": "bigint[]",
    "result_hash": "bigint[]",
    "source_version": "text[]",
    "started_at": "timestamptz[]",
    "timings": "jsonb[]",
    "rows": "bigint[]",
    "bytes": "bigint[]",
    "batch_size": "integer[]",
    "statements": "integer[]",
    "query_ids": "text[]",
}

_ENDINGS = f"""unnest({", ".join(f"%({name})s::{type_}" for name, type_ in _COLUMNS.items())})
    AS ending ({", ".join(_COLUMNS)})"""
_FINISH_ALONE, _FINISH, _LOCK_ITEMS, _RECORD_REFUSED, _ALREADY_FINISHED, _REPEAT_LATE_LOADS = read_sql(
    __file__,
    "finish_alone",
    "finish",
    "lock_items",
    "record_refused",
    "already_finished",
    "repeat_late_loads",
    endings=_ENDINGS,
)
_TYPES = {**_COLUMNS, "now": "timestamptz"}
FINISH_ALONE, FINISH = Prepared(_FINISH_ALONE, _TYPES), Prepared(_FINISH, _TYPES)


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
    """Carefully: no execution's status is written before its items have ended."""
    with short_transaction() as cursor:
        done = {} if carefully else _end(cursor, FINISH_ALONE, endings, now)
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
    cursor.execute(_LOCK_ITEMS, [[ending.claim.item_id for ending in left]])
    done = _end(cursor, FINISH, left, now) if left else {}
    if refused := [ending for ending in left if ending.claim.item_id not in done]:
        done |= _after_refusals(cursor, refused, now)
    write_status(cursor, locked)
    return done


def _end(
    cursor: CursorWrapper, statement: Prepared, endings: Sequence[Finish], now: datetime | None
) -> dict[UUID, str]:
    statement.execute(cursor, {**_as_arrays(endings), "now": now})
    return dict(cursor.fetchall())


def _after_refusals(cursor: CursorWrapper, endings: Sequence[Finish], now: datetime | None) -> dict[UUID, str]:
    """A finish whose answer was lost is sent again: what it did the first time stands."""
    items = [ending.claim.item_id for ending in endings]
    cursor.execute(_ALREADY_FINISHED, {"items": items, "tokens": [ending.claim.claim_token for ending in endings]})
    done: dict[UUID, str] = dict(cursor.fetchall())
    refused = [ending for ending in endings if ending.claim.item_id not in done]
    if refused:
        cursor.execute(_RECORD_REFUSED, {**_as_arrays(refused), "now": now})
    late = [ending.claim.item_id for ending in refused if ending.attempt.load_sent]
    if late:
        cursor.execute(_REPEAT_LATE_LOADS, {"items": late, "now": now})
    return done


def _as_arrays(endings: Sequence[Finish]) -> dict[str, str]:
    """A parameter a column."""
    columns = zip(*map(_as_row, endings), strict=True)
    return {name: array(values) for name, values in zip(_COLUMNS, columns, strict=True)}


def _as_row(ending: Finish) -> tuple[Any, ...]:
    """In the order of _COLUMNS."""
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
