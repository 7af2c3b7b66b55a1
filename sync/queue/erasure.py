"""Erasure: items whose results are taken out of Snowflake for good end first, so that nobody loads them meanwhile.

Only a person brings them back, by a retry: new results do not, nor does a backfill, or switching a destination on.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args
from uuid import UUID

from sync.errors import reasons
from sync.postgres import one_statement, read_sql, short_transaction
from sync.queue.execution_status import lock_executions, update_execution_status, write_status
from sync.queue.finish import forget_removed

Whose = Literal["user", "workflow", "execution"]
_NAMES = ("bar", "end", "left", "gone")


@dataclass(frozen=True, slots=True)
class Erased:
    """Whose results: those of a user (users.id), a workflow (workflows.workflow_id) or an execution (its execution_id).

    `configuration`: in this destination alone; None: in all.
    """

    whose: Whose
    subject: str
    configuration: UUID | None = None


def end_erased(what: Erased) -> int:
    """Ends the items that are meant, but those that a worker is busy with or somebody else holds. How many it ended.

    An execution has one at each destination of its owner then, so that none loads it later.
    """
    barred = [row[0] for row in _run("bar", what)] if what.whose == "execution" else []
    update_execution_status(barred)
    ended = len(barred)
    while executions := [row[0] for row in _run("end", what)]:
        update_execution_status(executions)
        ended += len(executions)
    return ended


def count_not_erased(what: Erased) -> tuple[int, int]:
    """How many of the items that are meant are not ended so; and how many of these a load may be under way of."""
    ((left, busy),) = _run("left", what)
    return left, busy


def forget_erased(what: Erased, unfinished: Collection[UUID]) -> None:
    """Nothing of it is in Snowflake any more, but in these destinations: nor do items and executions say that it is."""
    while items := dict(_run("gone", what, unfinished)):
        with short_transaction() as cursor:
            locked = lock_executions(cursor, items.values())
            withdrawn = forget_removed(cursor, list(items))
            write_status(cursor, locked, withdrawn)


def _run(name: str, what: Erased, unfinished: Collection[UUID] = ()) -> list[tuple[Any, ...]]:
    params = {**asdict(what), "unfinished": list(unfinished), "now": None, **reasons("erased")}
    return one_statement(_STATEMENTS[what.whose][name], params)


def _statements(whose: Whose) -> dict[str, str]:
    (meant,) = read_sql(__file__, f"of_{whose}", whose="")
    return dict(zip(_NAMES, read_sql(__file__, *_NAMES, whose=meant), strict=True))


_STATEMENTS = {whose: _statements(whose) for whose in get_args(Whose)}
