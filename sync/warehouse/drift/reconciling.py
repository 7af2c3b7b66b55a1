"""A destination's look, from whoever may begin it to what is written down of it."""

import json
import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import Error

from sync.destinations import Access, ChangedError, NotNowError
from sync.errors import CATALOGUE, SyncError, failure
from sync.models import SyncFinding
from sync.postgres import database_now, fetch, one_statement, read_sql, short_transaction, storable
from sync.snowflake.session import Pool
from sync.warehouse.drift.known import KnownTables
from sync.warehouse.drift.look import Seen, look

logger = logging.getLogger(__name__)

_BEGIN, _STILL_MINE, _ASK, _DUE, _CLOSE, _WRITE, _NOTE_VIEWS, _NOTE_LOOK, _NOTE_TROUBLE, _ODD_COLUMNS = read_sql(
    __file__,
    "begin",
    "still_mine",
    "ask",
    "due",
    "close",
    "write",
    "note_views",
    "note_look",
    "note_trouble",
    "odd_columns",
)
# Seconds that a look may take: about a second for 2,000 tables, and for five whose columns are compared.
LONGEST = 3600
# Tables of their own whose columns a look compares unless more is asked for; shared ones are always compared.
COLUMNS_A_LOOK = 300
_ALL = 10_000_000
_TOO_LONG = "It is tried again by itself. If that takes as long: have the columns compared of fewer tables at a time."


class BusyError(Exception):
    """Somebody else looks at the destination."""

    def __init__(self) -> None:
        super().__init__("Somebody is looking at this destination already. Its findings show when that is done.")


class GivenUpError(Exception):
    """For a guard to raise: whoever looks has to stop, and somebody else may begin anew."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a look came to: tables that were seen, findings that are so, some not written down; and its seconds."""

    tables: int
    findings: int
    unlisted: int
    strangers: int
    seconds: float


def ask_look(configuration_id: UUID) -> None:
    """Some worker looks at the destination within a minute."""
    one_statement(_ASK, {"configuration": configuration_id})


def destination_due(now: datetime | None = None) -> UUID | None:
    """A destination that is to be looked at now."""
    rows = fetch(_DUE, {"now": now})
    return rows[0][0] if rows else None


def reconcile(
    configuration_id: UUID,
    pool: Pool,
    guard: Callable[[], None] = lambda: None,
    *,
    all_columns: bool = False,
) -> Reconciled:
    """Looks at what is in the destination against what was loaded, and writes down what is otherwise.

    `all_columns`: those of all tables are compared, by a statement each. One look at a time: raises BusyError. What is
    in its way is noted at the destination, and raised: SyncError, NotNowError, ChangedError; and what the guard raises.
    """
    begun = one_statement(_BEGIN, {"configuration": configuration_id, "seconds": LONGEST})
    if not begun:
        raise BusyError
    columns_until, busy_until = begun[0]
    started, at = time.monotonic(), database_now()

    def still_in_time() -> None:
        guard()
        if time.monotonic() - started > LONGEST:
            given_up = f"The look took longer than {LONGEST} seconds and was given up"
            raise failure("statement_timeout", given_up, remedy=_TOO_LONG)

    turn = _Turn(configuration_id, columns_until, all_columns=all_columns)
    try:
        seen = look(Access(configuration_id, pool, still_in_time), turn.ids)
    except BaseException as error:
        _note_trouble(configuration_id, error)
        raise
    seconds = round(time.monotonic() - started, 3)
    _write(configuration_id, busy_until, at, seen, seconds=seconds, columns_until=turn.until)
    logger.info("Looked at %d tables of destination %s: %d findings", seen.tables, configuration_id, len(seen.found))
    return Reconciled(seen.tables, len(seen.found), seen.unlisted, seen.strangers, seconds)


class _Turn:
    """Whose columns a look compares: shared tables, those that were odd, and some of the others in turn."""

    def __init__(self, configuration_id: UUID, after: int, *, all_columns: bool) -> None:
        self._configuration_id, self._all = configuration_id, all_columns
        self.until = after

    def ids(self, known: KnownTables, seen: Seen) -> Collection[int]:
        """The numbers of these tables, in the register."""
        odd = {id_ for (id_,) in fetch(_ODD_COLUMNS, {"configuration": self._configuration_id})}
        next_ones = known.in_turn(self.until, _ALL if self._all else COLUMNS_A_LOOK)
        if next_ones:
            # Also where none of them is there.
            self.until = next_ones[-1]
        return list(dict.fromkeys([*seen.shared, *(odd & seen.own), *(seen.own.intersection(next_ones))]))


def _write(
    configuration_id: UUID, busy_until: datetime, at: datetime, seen: Seen, *, seconds: float, columns_until: int
) -> None:
    rows = [
        {
            "kind": one.kind,
            "database_name": one.table.database,
            "schema_name": one.table.schema,
            "table_name": one.table.name,
            "execution_id": one.execution_id,
            "expected": one.expected,
            "found": one.found,
        }
        for one in seen.found.values()
    ]
    params: dict[str, Any] = {
        "configuration": configuration_id,
        "busy_until": busy_until,
        "at": at,
        "seen": storable(json.dumps(rows, ensure_ascii=False)),
        "too_many": list(seen.more),
        "seconds": seconds,
        "tables": seen.tables,
        "unlisted": seen.unlisted,
        "strangers": seen.strangers,
        "columns_until": columns_until,
    }
    with short_transaction() as cursor:
        cursor.execute(_STILL_MINE, params)
        if cursor.rowcount:
            for statement in (_CLOSE, _WRITE, _NOTE_VIEWS, _NOTE_LOOK):
                cursor.execute(statement, params)


def prune_findings(before: datetime, *, dry_run: bool = False) -> int:
    """Deletes findings that were closed before then; what was adopted is still so. How many."""
    old = SyncFinding.objects.filter(closed_at__lt=before).exclude(closed_how=SyncFinding.Closed.ADOPTED)
    return old.count() if dry_run else old.delete()[0]


def _note_trouble(configuration_id: UUID, error: BaseException) -> None:
    code, message, remedy = "", "", ""
    if isinstance(error, SyncError):
        code, message, remedy = error.code, f"{error.happened}.", error.remedy
    elif isinstance(error, NotNowError):
        code, message, remedy = error.code, str(error), error.what_to_do
    elif isinstance(error, ChangedError):
        code, message = "changed_meanwhile", "The destination was changed meanwhile."
    elif isinstance(error, Exception) and not isinstance(error, GivenUpError):
        code, message = "unexpected", CATALOGUE["unexpected"].meaning
    params = {"code": code, "message": storable(message), "remedy": storable(remedy)}
    # Where PostgreSQL is gone, nobody has it until its time is over.
    with suppress(Error):
        one_statement(_NOTE_TROUBLE, {"configuration": configuration_id, **params})
