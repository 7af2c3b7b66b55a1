"""What failed, and what to do about it."""

from typing import Any
from uuid import UUID

from sync.models import SyncFailure, SyncQueueItem
from sync.reporting.trouble import remedy_of


def failed_syncs(limit: int = 50, user_id: UUID | None = None) -> list[dict[str, Any]]:
    """Failed items, the latest first, each with its code and what to do."""
    failures = SyncFailure.objects.order_by("-updated_at")
    if user_id is not None:
        failures = failures.filter(user_id=user_id)
    listed = list(failures.values()[:limit])
    ids = [line["id"] for line in listed]
    items = SyncQueueItem.objects.only("error_code", "error_message", "error_remedy").in_bulk(ids)
    return [{**line, **_explained(items.get(line["id"]))} for line in listed]


def _explained(item: SyncQueueItem | None) -> dict[str, str]:
    return {"error_code": (item and item.error_code) or "", "what_to_do": (item and remedy_of(item)) or ""}
