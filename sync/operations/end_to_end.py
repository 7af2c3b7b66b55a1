"""Sends one execution through trigger, queue, worker and Snowflake, reads it back there, and removes it again."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from accounts.models import DestinationState
from sync.destinations import NotNowError, by_hand
from sync.errors import SyncError, failure
from sync.models import SyncQueueItem, SyncTable
from sync.operations.sample_execution import ROWS, SampleError, sample_execution
from sync.reporting import Availability, availability_of, counted, ends_pause, status_text
from sync.rules import Plan, of_version
from sync.snowflake import statements
from sync.snowflake.identifiers import OWN_COLUMNS
from sync.snowflake.session import Limits, Session
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import parse_declared

_OPEN = DestinationState.Breaker.OPEN
_PAUSE = 0.2
_ENDED = (SyncQueueItem.Status.COMPLETED, SyncQueueItem.Status.FAILED, SyncQueueItem.Status.SKIPPED)
_LONGER = "Run the test again with more --patience, and look with sync_status at what the workers do."


@dataclass(frozen=True, slots=True)
class Line:
    """What was looked at, and, if it is not well, a sentence that ends in what to do.

    `is_under_way`: it has not ended in time, and nothing is known to be wrong.
    """

    ok: bool
    text: str
    is_under_way: bool = False


def sync_one(user_id: UUID, worker: AbstractContextManager[str], *, patience: float) -> Iterator[Line]:
    """A line for each step as it is done. After the first that fails only the sample is removed.

    Within the context `worker` a worker is at work, which gets `patience` seconds; the context's value says which.
    """
    started = timezone.now()
    try:
        with sample_execution(user_id) as execution_id:
            yield Line(ok=True, text=f"execution {execution_id} completed in the application's tables")
            yield from _follow(execution_id, worker, patience, started)
    except SampleError as error:
        yield Line(ok=False, text=str(error))
        return
    yield Line(ok=True, text="it is deleted again, in PostgreSQL and in Snowflake")


def _follow(
    execution_id: str, worker: AbstractContextManager[str], patience: float, started: datetime
) -> Iterator[Line]:
    if not _items(execution_id):
        yield Line(ok=False, text="the trigger did not queue it: manage.py verify_sync_install names what is wrong")
        return
    yield Line(ok=True, text="the trigger queued it")
    with worker as whose:
        ended = [(item, _told(item, whose, patience)) for item in _ended(execution_id, patience)]
    for item, line in ended:
        yield line
        if item.configuration:
            yield from _in_snowflake(item, execution_id, started, read=line.ok)


def _told(item: SyncQueueItem, whose: str, patience: float) -> Line:
    where = str(item.configuration) if item.configuration else "no destination"
    state = status_text(item, timezone.now())
    why = _why(item)
    if item.status not in _ENDED and not why:
        late = f"not loaded within {counted(int(patience), 'second')} by {whose}; nothing is known to be wrong"
        return Line(ok=False, text=f"{where}: {late}. {state} {_LONGER}", is_under_way=True)
    return Line(item.status == SyncQueueItem.Status.COMPLETED, f"{where}, by {whose}: {state} {why}".rstrip())


def _why(item: SyncQueueItem) -> str:
    """What is wrong with the item, or with the destination for which it waits, and what to do."""
    if item.error_code:
        return f"{item.error_message or ''} {item.error_remedy or ''}"
    if item.status not in _ENDED and item.configuration and item.configuration.state.breaker_state == _OPEN:
        tried = "" if _is_paused(item) else "Its destination was paused, and is tried again now: "
        return f"{tried}{item.configuration.state.breaker_reason or ''} {ends_pause(item.configuration)}"
    return ""


def _items(execution_id: str) -> list[SyncQueueItem]:
    return list(SyncQueueItem.objects.filter(execution__execution_id=execution_id).select_related("configuration"))


def _ended(execution_id: str, patience: float) -> list[SyncQueueItem]:
    """Waits until all items have ended or wait for a paused destination, or until the time is over. Returns them."""
    deadline = time.monotonic() + patience
    while True:
        items = _items(execution_id)
        if all(item.status in _ENDED or _is_paused(item) for item in items) or time.monotonic() > deadline:
            return items
        time.sleep(_PAUSE)


def _is_paused(item: SyncQueueItem) -> bool:
    if item.status != SyncQueueItem.Status.PENDING or item.configuration is None:
        return False
    return availability_of(item.configuration, timezone.now()) is Availability.PAUSED


def _in_snowflake(item: SyncQueueItem, execution_id: str, started: datetime, *, read: bool) -> Iterator[Line]:
    """If `read`, compares the table with what was sent; then drops the tables that were made for the sample."""
    made = SyncTable.objects.filter(configuration=item.configuration_id, created_at__gte=started)
    tables = list(made.filter(execution_id=execution_id) | made.filter(table_name=item.table_name))
    if not tables:
        return
    try:
        session = _session(item)
        try:
            for table in tables:
                place = Table(table.database_name, table.schema_name, table.table_name)
                if read:
                    yield Line(ok=True, text=_read_back(session, place, table, item))
                session.execute(statements.drop(place), f"drop the table {place}")
                table.delete()
        finally:
            session.close()
    except (SyncError, NotNowError) as error:
        if read:
            yield Line(ok=False, text=f"{item.configuration}: {error}")
        made.filter(columns__isnull=True).delete()


def _session(item: SyncQueueItem) -> Session:
    assert item.configuration_id  # noqa: S101 - its caller has looked
    limits = Limits()
    destination, lock = by_hand(item.configuration_id, limits)
    session = Session(destination, limits, login_lock=lock)
    session.about = {"work": "verification"}
    return session


def _read_back(session: Session, place: Table, table: SyncTable, item: SyncQueueItem) -> str:
    """What was read. Raises load_not_verified if the table holds anything but what was sent.

    Where the destination's rules change the sample, its number of rows has to be right.
    """
    known = [Column(column["name"], parse_declared(column["type"])) for column in table.columns or ()]
    wanted = [column for column in known if column.name not in OWN_COLUMNS]
    answer = session.execute(statements.read_rows(place, wanted, OWN_COLUMNS[1]), f"read the rows of {place}")
    read = [tuple(None if value is None else str(value) for value in row.values()) for row in answer.rows]
    is_ruled = _plan_of(item) != Plan()
    if len(read) != item.row_count if is_ruled else read != [(row["note"], row["amount"]) for row in ROWS]:
        raise failure("load_not_verified", f"{place} holds other rows than were sent", query_id=answer.query_id)
    said = f"its {counted(len(read), 'row was', 'rows were')} read back from {place}"
    return f"{said}, as version {item.rules_version} of the destination's rules makes them" if is_ruled else said


def _plan_of(item: SyncQueueItem) -> Plan:
    """What the rules that the item was loaded by make of the sample."""
    assert item.configuration_id  # noqa: S101 - it was loaded there
    workflow = item.execution.workflow
    return of_version(item.configuration_id, item.rules_version or 0).plan(workflow.workflow_id if workflow else "")
