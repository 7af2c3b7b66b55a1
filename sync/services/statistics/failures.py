"""What failed, and what to do about it."""

from typing import Any
from uuid import UUID

from sync.catalogue import CATALOGUE
from sync.models import SyncFailure, SyncQueueItem


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
