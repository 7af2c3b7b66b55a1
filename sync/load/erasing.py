"""Erasure: what the register knows of somebody's results in Snowflake, and its end, table by table.

A table leaves the register once it has gone in Snowflake: what is broken off is found again, and done again.
"""

import re
from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sync.postgres import fetch, one_statement, read_sql
from sync.queue import Erased, settled
from sync.snowflake.erasure_statements import AT_ONCE, ToErase
from sync.snowflake.load import delete_rows, drop_own
from sync.snowflake.session import Session
from sync.snowflake.statements import Table, result_marker

_NAMES = ("of_user", "of_executions", "forget_of_user", "forget_of_executions", "late_of_user", "late_of_executions")
_SQL = dict(zip(_NAMES, read_sql(__file__, *_NAMES), strict=True))
_FORGET_TABLE, _HAS_ROWS = read_sql(__file__, "forget_table", "has_rows")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Left:
    """A registered table with something of what is meant: all of it, or the rows of these executions.

    `account`: as it was typed when the table was registered. `execution_id`: whose own table it is; None: a shared one.
    """

    id: int
    configuration_id: UUID
    user_id: UUID | None
    account: str
    table: Table
    execution_id: str | None
    executions: tuple[str, ...] | None

    @property
    def marker(self) -> str:
        """The comment by which the table is known as ours."""
        return result_marker(self.table, self.execution_id, self.configuration_id)

    @property
    def to_erase(self) -> ToErase:
        return ToErase(self.table, self.executions)


def find_left(what: Erased) -> list[Left]:
    """What is registered of it, destination by destination, those that are deleted, too."""
    found = fetch(*_asked("of", what))
    return [
        Left(id_, configuration_id, user_id, account, Table(*names), owner, None if runs is None else tuple(runs))
        for id_, configuration_id, user_id, account, *names, owner, runs in found
    ]


def erase(session: Session, left: Left) -> int | None:
    """Drops the table, for good, or deletes the rows; how many. None: there was no such table to drop.

    Raises table_not_ours, table_refused, SyncError of statements.
    """
    if left.executions is None:
        return 0 if drop_own(session, left.table, left.marker, for_good=True) else None
    return sum(
        delete_rows(
            session, left.table, left.marker, left.executions[start : start + AT_ONCE], lambda: nullcontext(session)
        )
        for start in range(0, len(left.executions), AT_ONCE)
    )


def has_rows(left: Left) -> bool:
    """Whether rows of these executions are known to be in the destination's shared tables."""
    return bool(fetch(_HAS_ROWS, {"configuration": left.configuration_id, "executions": list(left.executions or ())}))


def forget_left(left: Left, *, for_certain: bool = False) -> None:
    """It has gone in Snowflake; unless that is `for_certain`, what a load under way may bring back stays registered."""
    if left.executions is None:
        one_statement(_FORGET_TABLE, {"id": left.id, "settled": 0 if for_certain else settled()})


def forget_results(what: Erased, unfinished: Collection[UUID]) -> None:
    """Nothing of it is known to be loaded any more, but in these destinations."""
    sql, params = _asked("forget_of", what)
    one_statement(sql, params | {"unfinished": list(unfinished)})


def may_land_late(what: Erased) -> bool:
    """Whether some of it was deleted in the application so lately that a load may have been under way."""
    return bool(fetch(*_asked("late_of", what))[0][0])


def _asked(statement: str, what: Erased) -> tuple[str, dict[str, Any]]:
    return _SQL[f"{statement}_{'user' if what.whose == 'user' else 'executions'}"], _params(what)


def _params(what: Erased) -> dict[str, Any]:
    workflow = what.subject if what.whose == "workflow" else None
    return {
        "subject": what.subject,
        "settled": settled(),
        "configuration": what.configuration,
        "execution": what.subject if what.whose == "execution" else None,
        "workflow": workflow,
        # Where its row is gone, somebody may know this one.
        "workflow_key": workflow if workflow and _UUID.fullmatch(workflow) else None,
    }
