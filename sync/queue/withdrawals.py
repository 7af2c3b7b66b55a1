"""What workers look for by themselves: what is past retention, and what the application has deleted.

The latter has no item that could be claimed: a worker holds it by a line in `snowflake_sync_withdrawals`, for as long
as a statement of its may take effect. Whatever is loaded meanwhile under the same id is loaded once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from sync.errors import SyncError
from sync.postgres import as_stored, fetch, one_statement, read_sql
from sync.queue.retention import FIRST, PastRetention, ResultPlace, ask_past, settled
from sync.queue.scope import WITHOUT_RULES

_BEGIN, _TAKE, _LATER, _TROUBLE, _ADVANCE, _MARK_GONE, _GOING, _STAY, _HOLD, _TAKEN_OUT, _PUT_OFF = read_sql(
    __file__,
    *("begin", "take", "later", "trouble", "advance", "mark_gone", "going", "stay", "hold", "taken_out", "put_off"),
    **WITHOUT_RULES,
)
# Seconds between two walks.
EVERY = {"past": 86_400.0, "gone": 3_600.0}
# Seconds after a page of which something is to be taken out: what was asked for stands in line before new results.
PAUSE = 60.0
# Results that a look for deleted executions goes through at once, and that are taken out together.
ROWS, TOGETHER = 2_000, 100


@dataclass(frozen=True, slots=True)
class Going:
    """A result whose execution is gone. `own`: the database, schema and name of its own table, if it has one."""

    configuration_id: UUID
    execution_id: str
    schema_name: str | None
    table_name: str
    own: tuple[str, str, str] | None


def begin_walks() -> None:
    """A walk for each destination that does not keep everything."""
    one_statement(_BEGIN, {"settled": settled()})


def walk_later(configuration_id: UUID) -> None:
    """Workers look for what is past a retention that was set in a day from now. In the transaction that is open."""
    with connection.cursor() as cursor:
        cursor.execute(_LATER, {"configuration": configuration_id})


def retention_trouble(configuration_id: UUID) -> tuple[str, str, str] | None:
    """What kept a result from going whose execution is deleted: code, what happened, what to do; None: nothing."""
    found = fetch(_TROUBLE, {"configuration": configuration_id})
    return found[0] if found else None


def walk(*, now: datetime | None = None) -> bool:
    """Does a page of the walk that is due first. False: none is."""
    found = one_statement(_TAKE, {"now": now})
    if not found:
        return False
    configuration_id, kind, *at, awake, taken_until = found[0]
    after, waits, pause = ResultPlace(*at) if at[2] is not None else None, False, 0.0
    if kind == "past":
        page = ask_past(PastRetention(configuration_id), after or FIRST, awake=awake, now=now)
        after, waits = page.after, page.waits
        pause = PAUSE if page.asked else 0.0
    else:
        after = _mark_gone(configuration_id, after.execution_id if after else "", now)
    on = dict(zip(("workflow", "at", "execution"), after or (None, None, None), strict=True))
    key = {"configuration": configuration_id, "kind": kind, "now": now, "taken_until": taken_until}
    one_statement(_ADVANCE, key | on | {"again": pause if after else EVERY[kind], "waits": waits})
    return True


def next_going(*, now: datetime | None = None) -> list[Going]:
    """The next results of one destination whose executions are gone, and that are to go, too."""
    while rows := one_statement(_GOING, {"limit": TOGETHER, "now": now}):
        stay = [row[1] for row in rows if not row[-1]]
        if stay:
            one_statement(_STAY, {"configuration": rows[0][0], "executions": stay})
        if going := [_going(row) for row in rows if row[-1]]:
            return going
    return []


def hold_going(configuration_id: UUID, execution_ids: Sequence[str], seconds: float) -> list[str]:
    """Those of these results that are gone still, and are this worker's for so many seconds."""
    params = {"configuration": configuration_id, "executions": list(execution_ids), "seconds": seconds, "now": None}
    return [row[0] for row in one_statement(_HOLD, params)]


def note_taken_out(configuration_id: UUID, execution_ids: Sequence[str], table: tuple[str, str, str] | None) -> None:
    """They are in Snowflake no more. `table`: the database, schema and name of the table that they were in."""
    place = dict(zip(("database", "schema", "table"), table or (None, None, None), strict=True))
    one_statement(_TAKEN_OUT, {"configuration": configuration_id, "executions": list(execution_ids), **place})


def put_off_going(configuration_id: UUID, execution_ids: Sequence[str], error: SyncError) -> None:
    """Something was in the way, and is told: they are tried again tomorrow."""
    params = {"configuration": configuration_id, "executions": list(execution_ids), "now": None}
    one_statement(_PUT_OFF, params | as_stored(error))


def _going(row: tuple[Any, ...]) -> Going:
    configuration_id, execution_id, schema, table, *own, _ = row
    return Going(configuration_id, execution_id, schema, table, (own[0], own[1], own[2]) if own[0] else None)


def _mark_gone(configuration_id: UUID, after: str, now: datetime | None) -> ResultPlace | None:
    params = {"configuration": configuration_id, "after": after, "rows": ROWS, "settled": settled(), "now": now}
    seen, last = one_statement(_MARK_GONE, params)[0]
    return ResultPlace(UUID(int=0), FIRST.stands_at, last) if seen == ROWS else None
