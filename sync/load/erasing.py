"""Erasure: what the register knows of somebody's results in Snowflake, and its end, table by table.

A table leaves the register once it has gone in Snowflake: what is broken off is found again, and done again.
"""

import re
from collections.abc import Collection
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sync.models import SyncTable
from sync.postgres import fetch, one_statement, read_sql
from sync.queue import Erased
from sync.snowflake.erasure_statements import AT_ONCE, ToErase
from sync.snowflake.load import delete_rows, drop_own, is_ours
from sync.snowflake.session import Session
from sync.snowflake.statements import Table, marker

_OF_USER, _OF_EXECUTIONS, _FORGET_OF_USER, _FORGET_OF_EXECUTIONS = read_sql(
    __file__, "of_user", "of_executions", "forget_of_user", "forget_of_executions"
)
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
        subject = ("shared", self.table.name) if self.execution_id is None else ("execution", self.execution_id)
        return marker(*subject, self.configuration_id)

    @property
    def to_erase(self) -> ToErase:
        return ToErase(self.table, self.executions)


def find_left(what: Erased) -> list[Left]:
    """What is registered of it, destination by destination, those that are deleted, too."""
    found = fetch(_OF_USER if what.whose == "user" else _OF_EXECUTIONS, _params(what))
    return [
        Left(id_, configuration_id, user_id, account, Table(*names), owner, None if runs is None else tuple(runs))
        for id_, configuration_id, user_id, account, *names, owner, runs in found
    ]


def erase(session: Session, left: Left) -> int | None:
    """Drops the table, for good, or deletes the rows; how many. None: there is no such table.

    Raises table_not_ours, table_refused, SyncError of statements.
    """
    if left.executions is None:
        return 0 if drop_own(session, left.table, left.marker, for_good=True) else None
    if not is_ours(session, left.table, left.marker):
        return None
    return sum(
        delete_rows(
            session, left.table, left.marker, left.executions[start : start + AT_ONCE], lambda: nullcontext(session)
        )
        for start in range(0, len(left.executions), AT_ONCE)
    )


def forget_left(left: Left) -> None:
    """It has gone in Snowflake."""
    if left.executions is None:
        SyncTable.objects.filter(pk=left.id).delete()


def forget_results(what: Erased, unfinished: Collection[UUID]) -> None:
    """Nothing of it is known to be loaded any more, but in these destinations."""
    sql = _FORGET_OF_USER if what.whose == "user" else _FORGET_OF_EXECUTIONS
    one_statement(sql, _params(what) | {"unfinished": list(unfinished)})


def _params(what: Erased) -> dict[str, Any]:
    workflow = what.subject if what.whose == "workflow" else None
    return {
        "subject": what.subject,
        "configuration": what.configuration,
        "execution": what.subject if what.whose == "execution" else None,
        "workflow": workflow,
        # Where its row is gone, somebody may know this one.
        "workflow_key": workflow if workflow and _UUID.fullmatch(workflow) else None,
    }
