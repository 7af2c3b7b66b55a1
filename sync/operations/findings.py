"""What is done about a finding: its runs are loaded again, or what is there is right as it is."""

from collections.abc import Callable
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sync.activity import Action, Counted, record
from sync.activity import Kind as Subject
from sync.destinations import NotDoneError
from sync.models import SyncFinding, SyncQueueItem, SyncTable
from sync.operations.change import PAGE
from sync.postgres import database_now, short_transaction
from sync.queue import adopt_item, load_again
from sync.snowflake.identifiers import OWN_COLUMNS, readable
from sync.snowflake.statements import Table
from sync.snowflake.types import parse_declared
from sync.warehouse import Kind, note_table, said


class Cure(StrEnum):
    LOAD_AGAIN = "load_again"
    ADOPT = "adopt"


CURES: dict[str, str] = {Cure.LOAD_AGAIN: "load again", Cure.ADOPT: "adopt as it is"}
ROWS = (Kind.TRUNCATED, Kind.FEWER_ROWS, Kind.MORE_ROWS)
# What to do about findings that loading does not mend.
_MEND = {
    Kind.OTHER_OWNER: "Give the destination's role its ownership back: GRANT OWNERSHIP ON TABLE ... TO ROLE ... COPY "
    "CURRENT GRANTS. Or adopt it as it is: loads go on for as long as the role may write to it.",
    Kind.REPLACED: "What bears no mark of ours is never written to: rename it or drop it, then have a look made again, "
    "and load the runs again.",
    Kind.UNKNOWN: "Drop it if nobody needs it, or adopt it as it is.",
    Kind.NOT_REMOVED: "Drop it, or adopt it as it is: nothing is loaded into it.",
    Kind.SCHEMA_UNSEEN: "Make the schema again (or UNDROP it), or give the role USAGE on it; then have a look made.",
}
_LEFT = "It has changed since the look. Have another look made."


class CannotCureError(NotDoneError):
    """It cannot be done so; the message says why, and what to do."""

    code = "cannot_cure"


def cures_of(finding: SyncFinding) -> list[Cure]:
    """What can be done about it here."""
    found = [] if finding.kind in _MEND else [Cure.LOAD_AGAIN]
    return found if _cannot_adopt(finding) else [*found, Cure.ADOPT]


def what_to_do(finding: SyncFinding) -> str:
    """In a sentence, for people."""
    if reason := _cannot_adopt(finding):
        return _MEND.get(Kind(finding.kind), f"Load its runs again. {reason}")
    return _MEND.get(Kind(finding.kind), "Load its runs again, or adopt it as it is.")


def subject(finding: SyncFinding) -> str:
    """The table, or the schema, in full."""
    parts = (finding.database_name, finding.schema_name, finding.table_name)
    return readable(*(part for part in parts if part))


def cure_finding(finding_id: int, cure: Cure) -> int:
    """Cures an open finding, and says how many runs were queued for it. Recorded.

    Raises SyncFinding.DoesNotExist, and CannotCureError where the cure is none.
    """
    finding = SyncFinding.objects.select_related("configuration").get(pk=finding_id, closed_at=None)
    if cure is Cure.ADOPT:
        _adopt(finding)
        return 0
    return _load_again(finding)


def _load_again(finding: SyncFinding) -> int:
    if finding.kind in _MEND:
        raise CannotCureError(f"Loading again does not mend that. {_MEND[Kind(finding.kind)]}")
    as_of, last, done, full = database_now(), UUID(int=0), 0, True
    entry = Counted(
        Action.LOAD_AGAIN, Subject.DESTINATION, *_about(finding), owner_id=_owner(finding), note=_note(finding)
    )
    if finding.kind == Kind.COLUMNS:
        # So that the load makes good what it would not look at.
        _follow_columns(finding)
    while full:
        with short_transaction():
            page = list(_items(finding).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PAGE])
        changed = load_again(page, as_of=as_of)
        done += len(changed.items)
        entry.so_far(done)
        full, last = len(page) == PAGE, page[-1] if page else last
    if not done:
        raise CannotCureError(f"None of its runs can be loaded again now. {_LEFT}")
    _close(finding, SyncFinding.Closed.LOADED_AGAIN)
    return done


def _items(finding: SyncFinding) -> "QuerySet[SyncQueueItem]":
    """The items whose rows the table has."""
    items = SyncQueueItem.objects.filter(configuration=finding.configuration, status=SyncQueueItem.Status.COMPLETED)
    if finding.execution_id is not None:
        return items.filter(execution__execution_id=finding.execution_id)
    return items.filter(schema_name=finding.schema_name, table_name=finding.table_name)


def _adopt(finding: SyncFinding) -> None:
    if reason := _cannot_adopt(finding):
        raise CannotCureError(reason)
    with short_transaction():
        if follow := _FOLLOW.get(Kind(finding.kind)):
            follow(finding)
            table = Table(
                finding.database_name, finding.schema_name, str(finding.found.get("name", finding.table_name))
            )
            note_table(finding.configuration_id, table)
        _close(finding, SyncFinding.Closed.ADOPTED)
        record(
            Action.FINDING_ADOPTED, Subject.DESTINATION, *_about(finding), owner_id=_owner(finding), note=_note(finding)
        )


def _cannot_adopt(finding: SyncFinding) -> str:
    """Why it cannot be adopted; empty if it can."""
    if finding.kind == Kind.REPLACED:
        return f"What is there is not ours. {_MEND[Kind.REPLACED]}"
    if finding.kind == Kind.RENAMED and finding.execution_id is None:
        return "A shared table is known by its name, which its comment says, too: rename it back."
    if finding.kind == Kind.COLUMNS:
        columns = finding.found["columns"]
        if lacking := [name for name in OWN_COLUMNS if name not in columns]:
            return f"Loads need the column {lacking[0]}: load the runs again."
        odd = [name for name, type_ in columns.items() if not _is_known(type_)]
        if odd:
            return (
                f"Loads do not know the type {columns[odd[0]]} of the column {odd[0]}: drop it, or load the runs again."
            )
    return ""


def _is_known(type_: str) -> bool:
    try:
        return parse_declared(type_).ddl == type_
    except ValueError:
        return False


def _follow_rows(finding: SyncFinding) -> None:
    """Of an own table the item says how many there are; of a shared one the difference is remembered."""
    if finding.execution_id is not None:
        _change_item(finding, rows=finding.found["rows"])


def _follow_missing(finding: SyncFinding) -> None:
    """As before anything was loaded into it."""
    if _has_changed(finding):
        raise CannotCureError(_LEFT)
    _registered(finding).update(columns=None)


def _has_changed(finding: SyncFinding) -> bool:
    """Whether the item whose table it is has changed since the look."""
    own = SyncQueueItem.objects.filter(
        configuration=finding.configuration, execution__execution_id=finding.execution_id
    )
    return own.filter(updated_at__gt=finding.last_seen_at).exists()


def _follow_columns(finding: SyncFinding) -> bool:
    """False: the table was loaded again since the look, and has the columns that were loaded."""
    if _has_changed(finding):
        return False
    now = [{"name": name, "type": type_} for name, type_ in finding.found["columns"].items()]
    as_seen = _registered(finding).exclude(seen_at__gt=finding.last_seen_at)
    return bool(as_seen.update(columns=now, seen_at=timezone.now()))


def _adopt_columns(finding: SyncFinding) -> None:
    if not _follow_columns(finding):
        raise CannotCureError(_LEFT)


def _follow_name(finding: SyncFinding) -> None:
    _registered(finding).update(table_name=finding.found["name"])
    _change_item(finding, table_name=finding.found["name"])


def _change_item(finding: SyncFinding, *, rows: int | None = None, table_name: str | None = None) -> None:
    done = finding.execution_id is not None and adopt_item(
        finding.execution_id, finding.configuration_id, as_of=finding.last_seen_at, rows=rows, table_name=table_name
    )
    if not done:
        raise CannotCureError(_LEFT)


_FOLLOW: dict[Kind, Callable[[SyncFinding], None]] = {
    **dict.fromkeys(ROWS, _follow_rows),
    Kind.MISSING: _follow_missing,
    Kind.COLUMNS: _adopt_columns,
    Kind.RENAMED: _follow_name,
}


def _registered(finding: SyncFinding) -> "QuerySet[SyncTable]":
    return SyncTable.objects.filter(
        configuration=finding.configuration_id,
        database_name=finding.database_name,
        schema_name=finding.schema_name,
        table_name=finding.table_name,
    )


def _close(finding: SyncFinding, how: SyncFinding.Closed) -> None:
    finding.closed_at, finding.closed_how = timezone.now(), how
    finding.save(update_fields=["closed_at", "closed_how"])


def _about(finding: SyncFinding) -> tuple[UUID, str]:
    return finding.configuration_id, str(finding.configuration)


def _owner(finding: SyncFinding) -> UUID:
    return finding.configuration.user_id


def _note(finding: SyncFinding) -> str:
    return f"{subject(finding)} {said(finding.kind, finding.expected, finding.found)}"
