"""The end of a claim: fenced by its token, recorded as an attempt, told to the execution, in one short transaction."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from sync.errors import SyncError
from sync.queue.database import short_transaction
from sync.queue.endings import completed, failed, released, retried, skipped
from sync.queue.executions import lock_executions, refresh_executions
from sync.queue.finish_sql import (
    ALREADY_FINISHED,
    BLESS,
    FINISH,
    RECORD,
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
    by_item = {ending.claim.item_id: ending for ending in endings}
    with short_transaction() as cursor:
        before = lock_executions(
            cursor, sorted({ending.claim.execution_id for ending in endings}), skip_locked=skip_locked
        )
        if skip_locked:
            endings = [ending for ending in endings if ending.claim.execution_id in before]
        done = _end(cursor, endings, now)
        if len(done) < len(endings):
            done |= _ended_before(cursor, endings)
        late = [
            ending.claim.item_id for ending in endings if ending.claim.item_id not in done and ending.attempt.load_sent
        ]
        if late:
            cursor.execute(REPEAT_LATE_LOADS, {"items": late, "now": now})
        refresh_executions(cursor, before)
        _bless(cursor, before, [by_item[item_id] for item_id in done])
    return [done.get(item_id) for item_id in by_item]


def _end(cursor: CursorWrapper, endings: Sequence[Finish], now: datetime | None) -> dict[UUID, str]:
    rows = json.dumps([_as_row(ending) for ending in endings])
    cursor.execute(FINISH, {"endings": rows, "now": now})
    done: dict[UUID, str] = dict(cursor.fetchall())
    cursor.execute(RECORD, {"endings": rows, "finished": list(done), "now": now})
    return done


def _ended_before(cursor: CursorWrapper, endings: Sequence[Finish]) -> dict[UUID, str]:
    """A finish whose answer was lost is sent again: what it did the first time stands."""
    params: dict[str, Any] = {
        "items": [ending.claim.item_id for ending in endings],
        "tokens": [ending.claim.claim_token for ending in endings],
    }
    cursor.execute(ALREADY_FINISHED, params)
    return dict(cursor.fetchall())


def _bless(cursor: CursorWrapper, before: dict[str, str], endings: Sequence[Finish]) -> None:
    seen = [{"item_id": str(ending.claim.item_id), "version": ending.attempt.source_version} for ending in endings]
    versions = [{"execution_id": id_, "before": version} for id_, version in before.items()]
    cursor.execute(BLESS, {"versions": json.dumps(versions), "seen": json.dumps(seen)})


def _as_row(ending: Finish) -> dict[str, Any]:
    row = asdict(ending)
    claim, attempt, loaded = row.pop("claim"), row.pop("attempt"), row.pop("loaded")
    started_at = attempt["started_at"]
    return {
        **row,
        **attempt,
        **(loaded or {}),
        "error_message": _storable(row["error_message"]),
        "started_at": started_at.isoformat() if started_at else None,
        "item_id": str(claim["item_id"]),
        "configuration_id": str(claim["configuration_id"]) if claim["configuration_id"] else None,
        **{name: claim[name] for name in ("claim_token", "worker_id", "generation")},
    }


def _storable(message: str | None) -> str | None:
    """What PostgreSQL's text can hold: an error may quote anything."""
    return message and message.replace("\0", "").encode("utf-8", "replace").decode()
