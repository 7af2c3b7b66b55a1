"""What the queue looks like: statistics and failures, for all or for one user."""

from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Max, Min, QuerySet
from django.utils import timezone

from sync.catalogue import CATALOGUE
from sync.models import SyncFailure, SyncQueueItem

Statistics = dict[str, dict[str, Any]]

_EMPTY = {"count": 0, "oldest_item": None, "newest_item": None, "avg_retries": 0.0}


def sync_statistics(user_id: UUID | None = None) -> Statistics:
    """An entry a status, all of them always; `summary` has the total, the age of the oldest due item, and the time."""
    items = _items(user_id)
    lines = items.values("status").annotate(
        count=Count("id"),
        oldest_item=Min("created_at"),
        newest_item=Max("created_at"),
        avg_retries=Avg("retry_count"),
    )
    statistics: Statistics = {status: dict(_EMPTY) for status in SyncQueueItem.Status.values}
    for line in lines.order_by():
        statistics[line["status"]] = {
            "count": line["count"],
            "oldest_item": line["oldest_item"],
            "newest_item": line["newest_item"],
            "avg_retries": round(float(line["avg_retries"] or 0), 2),
        }
    now = timezone.now()
    due = items.filter(status=SyncQueueItem.Status.PENDING, run_after__lte=now)
    oldest = due.aggregate(oldest=Min("run_after"))["oldest"]
    statistics["summary"] = {
        "total": sum(line["count"] for line in statistics.values()),
        "lag_seconds": round((now - oldest).total_seconds(), 1) if oldest else 0.0,
        "as_of": now,
    }
    return statistics


def failed_syncs(limit: int = 50, user_id: UUID | None = None) -> list[dict[str, Any]]:
    """Failed items, the latest first, each with its code and what to do."""
    failures = SyncFailure.objects.order_by("-updated_at")
    if user_id is not None:
        failures = failures.filter(user_id=user_id)
    listed = list(failures.values()[:limit])
    ids = [line["id"] for line in listed]
    codes = dict(SyncQueueItem.objects.filter(pk__in=ids).values_list("pk", "error_code"))
    return [{**line, **_explained(codes.get(line["id"]))} for line in listed]


def _explained(code: str | None) -> dict[str, str]:
    return {"error_code": code or "", "what_to_do": CATALOGUE[code].remedy if code in CATALOGUE else ""}


def _items(user_id: UUID | None) -> QuerySet[SyncQueueItem]:
    items = SyncQueueItem.objects.all()
    return items if user_id is None else items.filter(user_id=user_id)
