"""The end of a claim: fenced by its token, recorded, and written to the execution, in one short transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from sync.postgres import Prepared, array, one_prepared, read_sql, short_transaction, storable
from sync.queue.execution_status import Refusals, Withdrawn, lock_executions, write_status
from sync.queue.rows import Finish

# For each value of an ending, its type, and where it is found. Values are sent as arrays, which PostgreSQL reads six
# times as fast as JSON.
_COLUMNS: dict[str, tuple[str, Callable[[Finish], Any]]] = {
    "item_id": ("uuid", lambda ending: str(ending.claim.item_id)),
    "claim_token": ("bigint", lambda ending: ending.claim.claim_token),
    "worker_id": ("bigint", lambda ending: ending.claim.worker_id),
    "generation": ("bigint", lambda ending: ending.claim.generation),
    "outcome": ("text", lambda ending: ending.outcome),
    "status": ("text", lambda ending: ending.status),
    "counts": ("boolean", lambda ending: ending.counts),
    "delay": ("double precision", lambda ending: ending.delay),
    "error_code": ("text", lambda ending: ending.error and ending.error.code),
    "error_message": ("text", lambda ending: ending.error and storable(f"{ending.error.happened}.")),
    # The remedy of an item that has come to its end, and that of one that is pending again.
    "remedy": ("text", lambda ending: ending.error and storable(ending.error.remedy)),
    "meanwhile": ("text", lambda ending: ending.error and storable(ending.error.meanwhile)),
    "schema_name": ("text", lambda ending: ending.loaded and ending.loaded.schema_name),
    "table_name": ("text", lambda ending: ending.loaded and ending.loaded.table_name),
    "requested_schema": ("text", lambda ending: ending.loaded and ending.loaded.requested_schema),
    "requested_table": ("text", lambda ending: ending.loaded and ending.loaded.requested_table),
    "row_count": ("bigint", lambda ending: ending.loaded and ending.loaded.row_count),
    "result_hash": ("bigint", lambda ending: ending.attempt.result_hash),
    "source_version": ("text", lambda ending: ending.attempt.source_version),
    "started_at": ("timestamptz", lambda ending: ending.attempt.started_at),
    "timings": ("jsonb", lambda ending: _object(ending.attempt.timings)),
    "rows": ("bigint", lambda ending: ending.attempt.rows),
    "source_rows": ("bigint", lambda ending: ending.attempt.source_rows),
    "rules_version": ("integer", lambda ending: ending.attempt.rules_version),
    "dropped_columns": ("text", lambda ending: ending.attempt.dropped_columns or None),
    "bytes": ("bigint", lambda ending: ending.attempt.bytes),
    "batch_size": ("integer", lambda ending: ending.attempt.batch_size),
    "statements": ("integer", lambda ending: ending.attempt.statements),
    "query_ids": ("text", lambda ending: ending.attempt.query_ids),
}
_TYPES = {name: f"{type_}[]" for name, (type_, _) in _COLUMNS.items()}
_ENDINGS = f"""unnest({", ".join(f"%({name})s::{type_}" for name, type_ in _TYPES.items())})
    AS ending ({", ".join(_TYPES)})"""
_FINISH_ALONE, _FINISH, _LOCK_ITEMS, _FORGET_REMOVED, _RECORD_REFUSED, _ALREADY_FINISHED, _REPEAT_LATE_LOADS = read_sql(
    __file__,
    "finish_alone",
    "finish",
    "lock_items",
    "forget_removed",
    "record_refused",
    "already_finished",
    "repeat_late_loads",
    endings=_ENDINGS,
)
_TYPES["now"] = "timestamptz"
FINISH_ALONE, FINISH = Prepared(_FINISH_ALONE, _TYPES), Prepared(_FINISH, _TYPES)


def finish(endings: Sequence[Finish], *, skip_locked: bool = False, now: datetime | None = None) -> list[str | None]:
    """Ends several claims at once.

    Returns what each item became; None if the finish was refused, since the claim was lost. A refused finish after a
    load statement was sent puts the item back to pending with a new generation: a token fences PostgreSQL, not
    Snowflake, so the rows that came late are replaced once more. With `skip_locked`, items whose rows somebody else is
    writing are left for another time.
    """
    # The order is the same everywhere, so that locks cannot deadlock.
    ordered = sorted(endings, key=lambda ending: ending.claim.execution_id)
    done = {} if skip_locked else _finish_alone(ordered, now)
    if left := [ending for ending in ordered if str(ending.claim.item_id) not in done]:
        done |= _finish_carefully(left, skip_locked=skip_locked, now=now)
    return [done.get(str(ending.claim.item_id)) for ending in endings]


def _finish_alone(endings: Sequence[Finish], now: datetime | None) -> dict[str, str]:
    """Ends, in one statement, what belongs to executions with one item that nobody has written since it was read.

    So nothing that was removed, of which nothing is read.
    """
    try:
        return dict(one_prepared([FINISH_ALONE], {**_as_arrays(endings), "now": now}))
    except Refusals:
        # The application's table has refused a row, or an item has changed: neither keeps an item from ending.
        return {}


def _finish_carefully(endings: Sequence[Finish], *, skip_locked: bool, now: datetime | None) -> dict[str, str]:
    """Executions are locked first, and their status is written once their items have ended."""
    with short_transaction() as cursor:
        locked = lock_executions(cursor, [ending.claim.execution_id for ending in endings], skip_locked=skip_locked)
        left = [ending for ending in endings if not skip_locked or ending.claim.execution_id in locked]
        if not left:
            return {}
        # This waits for items that somebody is changing: a claim that is valid must not be taken for a lost one.
        cursor.execute(_LOCK_ITEMS, [[ending.claim.item_id for ending in left]])
        FINISH.execute(cursor, {**_as_arrays(left), "now": now})
        done: dict[str, str] = dict(cursor.fetchall())
        withdrawn = _forget(cursor, [ending for ending in left if str(ending.claim.item_id) in done])
        if refused := [ending for ending in left if str(ending.claim.item_id) not in done]:
            done |= _after_refusals(cursor, refused, now)
        write_status(cursor, locked, withdrawn)
    return done


def _forget(cursor: CursorWrapper, ended: Iterable[Finish]) -> list[Withdrawn]:
    """Only whoever held an item to the end may forget where it was: another worker may have loaded it anew by now."""
    removed = [ending.claim.item_id for ending in ended if ending.outcome == "removed"]
    return forget_removed(cursor, removed) if removed else []


def forget_removed(cursor: CursorWrapper, item_ids: Sequence[UUID]) -> list[Withdrawn]:
    """Of items whose executions are locked: nothing says any more that their results are in Snowflake."""
    cursor.execute(_FORGET_REMOVED, [list(item_ids)])
    return [Withdrawn(*row) for row in cursor.fetchall()]


def _after_refusals(cursor: CursorWrapper, endings: Sequence[Finish], now: datetime | None) -> dict[str, str]:
    """A finish whose answer was lost is sent again, and refused: what it did the first time counts."""
    items = [ending.claim.item_id for ending in endings]
    cursor.execute(_ALREADY_FINISHED, {"items": items, "tokens": [ending.claim.claim_token for ending in endings]})
    done: dict[str, str] = dict(cursor.fetchall())
    refused = [ending for ending in endings if str(ending.claim.item_id) not in done]
    if refused:
        cursor.execute(_RECORD_REFUSED, {**_as_arrays(refused), "now": now})
    late = [ending.claim.item_id for ending in refused if ending.attempt.load_sent]
    if late:
        cursor.execute(_REPEAT_LATE_LOADS, {"items": late, "now": now})
    return done


def _as_arrays(endings: Sequence[Finish]) -> dict[str, str]:
    """A parameter for each column."""
    return {name: array([value(ending) for ending in endings]) for name, (_, value) in _COLUMNS.items()}


def _object(timings: Mapping[str, float]) -> str:
    """As json.dumps writes it, in a quarter of the time; the names are our own."""
    return "{" + ", ".join([f'"{name}": {ms}' for name, ms in timings.items()]) + "}"
