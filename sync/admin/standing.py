"""What an item is waiting for, in a sentence."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from sync.admin.showing import duration, exact
from sync.models import SyncQueueItem, SyncWorker

Status = SyncQueueItem.Status


def standing(item: SyncQueueItem) -> str:
    """Where the item is, and what happens next."""
    if item.status == Status.PENDING:
        return _pending(item)
    if item.status == Status.PROCESSING:
        since = f" since {exact(item.claimed_at)}" if item.claimed_at else ""
        return f"A worker is loading it{since}. It can be retried or skipped when that has ended."
    if item.status == Status.COMPLETED:
        where = f" {item.schema_name}.{item.table_name}" if item.table_name else ""
        rows = f"{item.row_count or 0:,} {'row' if item.row_count == 1 else 'rows'}"
        return f"It is in the table{where}, {rows}, since {exact(item.processed_at)}."
    if item.status == Status.SKIPPED:
        return "It is not loaded, for the reason below."
    return "It is not tried again by itself. Mend the cause, then retry it."


def _pending(item: SyncQueueItem) -> str:
    now = timezone.now()
    alive = SyncWorker.objects.filter(
        stopped_at=None, heartbeat_at__gt=now - timedelta(seconds=settings.SYNC_LEASE_SECONDS)
    ).exists()
    if not alive:
        return "It waits, and no worker is running. Start one: manage.py run_sync_worker."
    destination = item.configuration
    if destination is None:
        return "It waits for a worker to choose its destinations."
    if destination.breaker_state == destination.BreakerState.OPEN:
        until = f" It is tried again at {exact(destination.breaker_until)}." if destination.breaker_until else ""
        return f"It waits: its destination is paused. {destination.breaker_reason or ''}{until}"
    if item.run_after > now:
        return f"It is tried again in {duration((item.run_after - now).total_seconds())}."
    return "It is due, and waits for a free worker."
