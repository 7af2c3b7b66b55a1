"""Another try for what failed, by hand."""

from uuid import UUID

from sync import queue
from sync.models import SyncQueueItem


def retry_failed_sync(sync_id: UUID, user_id: UUID | None = None) -> tuple[bool, str]:
    """Puts a failed item back to pending, with all its retries. Whether it did, and a sentence that says so.

    Raises SyncQueueItem.DoesNotExist, also where the item is not `user_id`'s.
    """
    items = SyncQueueItem.objects.all() if user_id is None else SyncQueueItem.objects.filter(user_id=user_id)
    item = items.get(pk=sync_id)
    if queue.requeue([item.pk]):
        return True, f"Execution {item.execution_id} is queued again."
    item.refresh_from_db()
    if item.status != SyncQueueItem.Status.FAILED:
        return False, f"Execution {item.execution_id} is {item.status}; only a failed item can be retried."
    return False, f"Execution {item.execution_id} has no owner yet. Give its workflow one, then retry."
