"""A sentence that says what an item is waiting for."""

from datetime import datetime

from sync.errors import CATALOGUE
from sync.models import SyncQueueItem
from sync.reporting.destinations import Availability, availability_of
from sync.reporting.words import ago, duration, exact, kept
from sync.reporting.workers import count_workers

Status = SyncQueueItem.Status
_REMOVAL = "Rules exclude it, and it is to be taken out of Snowflake."


def status_text(item: SyncQueueItem, now: datetime) -> str:
    """The item's state, and what happens next."""
    if item.status == Status.PENDING:
        return f"{_REMOVAL} {_pending(item, now)}" if item.is_to_be_removed else _pending(item, now)
    if item.status == Status.PROCESSING:
        since = f", begun {ago(item.claimed_at, now)}" if item.claimed_at else ""
        return f"A worker is {'taking it out of Snowflake' if item.is_to_be_removed else 'loading it'}{since}."
    if item.status == Status.COMPLETED:
        where = f" in {item.schema_name}.{item.table_name}" if item.table_name else ""
        since = f", since {exact(item.processed_at)}" if item.processed_at else ""
        return f"It is in Snowflake{where}: {kept(item.row_count, item.source_row_count)}{since}."
    if item.status == Status.SKIPPED and item.error_code == "no_destination":
        return "It waits until its owner has a destination that is switched on."
    if item.status == Status.SKIPPED:
        earlier = f" An earlier result of it is in {item.schema_name}.{item.table_name}." if item.table_name else ""
        return f"It is not loaded, for the reason below.{earlier}"
    return "It is not tried again as it is. Mend the cause first."


def _pending(item: SyncQueueItem, now: datetime) -> str:
    if not count_workers(now).live:
        return "It waits, and no worker is running. Start one: manage.py run_sync_worker."
    destination = item.configuration
    if destination is None:
        return "It waits for a worker to choose its destinations."
    state = availability_of(destination, now)
    if state is Availability.OFF:
        return "It waits: its destination is switched off. Switch it on, and it is loaded."
    if state is Availability.PAUSED:
        until = destination.state.breaker_until
        then = f" It is tried again {ago(until, now)}." if until else ""
        entry = CATALOGUE.get(destination.state.breaker_code or "")
        why = f" {entry.meaning}" if entry else ""
        return f"It waits: its destination is paused.{why}{then}"
    if item.run_after > now:
        return f"It is tried again in {duration((item.run_after - now).total_seconds())}."
    window = "its destination's next window, or for " if destination.min_interval else ""
    return f"It is due, and waits for {window}a free worker."
