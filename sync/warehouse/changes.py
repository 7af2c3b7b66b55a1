"""What a destination's catalogue does not say yet: changes that wait, and what is to be written of the whole."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

from sync.postgres import database_now, one_statement, read_sql
from sync.warehouse.content import Row
from sync.warehouse.turn import Turn

# Executions that are written together, and that are looked for at once among what was deleted.
PAGE, LOOK = 1000, 2000

_OF_STATUSES = "\n    UNION ALL\n".join(
    f"""(
        SELECT created_at, id, execution_id, configuration_id FROM ONLY snowflake_sync_queue
        WHERE user_id = %(user)s AND status = '{status}' AND configuration_id IS NOT NULL
            AND (created_at, id) < (%(at)s, %(id)s)
        ORDER BY created_at DESC, id DESC
        LIMIT %(limit)s
    )"""  # noqa: S608 -- a constant
    for status in ("completed", "failed", "skipped", "pending")
)
_NOTE, _WAITING, _FORGET, _TO_FILL, _PAGE, _FILLED, _GONE_OWN, _GONE_REMOVED, _RENAMED, _NAMES, _RENAME = read_sql(
    __file__,
    "note",
    "waiting",
    "forget",
    "to_fill",
    "page",
    "filled",
    "gone_own",
    "gone_removed",
    "renamed",
    "note_names",
    "rename",
    of_statuses=_OF_STATUSES,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Changes: the number of each, and the execution that it is of."""

    changes: list[tuple[int, str]]

    @property
    def executions(self) -> list[str]:
        """Each once."""
        return list(dict.fromkeys(execution for _, execution in self.changes))

    def of(self, executions: Collection[str]) -> "Waiting":
        """The changes of these."""
        return Waiting([change for change in self.changes if change[1] in executions])


@dataclass(frozen=True, slots=True)
class Filling:
    """A page of all executions: those of this destination, and from where to where it goes in the owner's items."""

    executions: list[str]
    begins: tuple[str, str]
    ends: tuple[str, str]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Renamed:
    """A workflow that the catalogue knows by another id or name than it has."""

    key: str
    known_as: str
    workflow_id: str
    name: str


def note_changes(configuration_id: UUID, executions: Iterable[str]) -> None:
    """What the catalogue says of these executions has changed: it is written with what else has.

    What changes in the queue is noted by a trigger (migrations_sql/0040_catalogue); this is for what does not.
    """
    one_statement(_NOTE, {"configuration": configuration_id, "executions": list(executions)})


def waiting(turn: Turn) -> Waiting:
    """The oldest changes, up to a page."""
    return Waiting(one_statement(_WAITING, turn.key | {"limit": PAGE}))


def forget(turn: Turn, changes: Waiting) -> None:
    """What was written waits no more; all of it does if somebody else has taken the catalogue meanwhile."""
    if changes.changes:
        one_statement(_FORGET, turn.key | {"ids": [number for number, _ in changes.changes]})


def to_fill(turn: Turn, user_id: UUID) -> Filling | None:
    """The next page of all executions; None: all were written since the table was made."""
    found = one_statement(_TO_FILL, turn.key)
    if not found:
        return None
    at, id_ = found[0]
    rows = one_statement(_PAGE, turn.key | {"user": user_id, "at": at, "id": id_, "limit": PAGE})
    ends = (rows[-1][0], rows[-1][1]) if rows else (at, id_)
    mine = [execution for _, _, execution, is_mine in rows if is_mine]
    return Filling(mine, (at, id_), ends, is_last=len(rows) < PAGE)


def filled(turn: Turn, page: Filling) -> None:
    """The page was written."""
    begins, ends = page.begins, page.ends
    place = {"at": begins[0], "id": begins[1], "to_at": ends[0], "to_id": ends[1], "ended": page.is_last}
    one_statement(_FILLED, turn.key | place)


def note_deleted(turn: Turn, *, whole: bool) -> None:
    """Notes executions that were deleted in the application, of the next that are known, or, if `whole`, of all."""
    for look in (_GONE_OWN, _GONE_REMOVED):
        while (more := one_statement(look, turn.key | {"limit": LOOK})) and more[0][0] and whole:
            turn.check()


def renamed(turn: Turn) -> list[Renamed]:
    """Workflows that are called otherwise by now."""
    return [Renamed(*found) for found in one_statement(_RENAMED, turn.key)]


def moment() -> str:
    """Now, by PostgreSQL's clock, as ISO 8601."""
    return database_now().astimezone(UTC).isoformat()


def note_renamed(turn: Turn, workflow: Renamed) -> None:
    """The catalogue has the workflow's new name."""
    named = {"workflow": workflow.key, "known_as": workflow.workflow_id, "name": workflow.name}
    one_statement(_RENAME, turn.key | named)


def note_names(turn: Turn, rows: Sequence[Row]) -> None:
    """The catalogue has these workflows' names, where it did not know them before."""
    named = {row.workflow[0]: row.workflow for row in rows if row.workflow}.values()
    if named:
        ids, known_as, names = zip(*named, strict=True)
        one_statement(_NAMES, turn.key | {"ids": list(ids), "known_as": list(known_as), "names": list(names)})
