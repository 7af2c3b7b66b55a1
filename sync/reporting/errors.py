"""Errors as pages, admin, API and commands show them: of an item or an attempt."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sync.errors import CATALOGUE, Entry, Retry
from sync.models import SyncAttempt, SyncFailure, SyncQueueItem
from sync.reporting.items import ListedItem


@dataclass(frozen=True, slots=True)
class ItemError:
    """What happened, what to do about it, and what the code means, if the catalogue has it."""

    code: str
    happened: str
    remedy: str
    entry: Entry | None

    @property
    def retry(self) -> Retry:
        """Whether another try can help, as far as the catalogue knows."""
        return self.entry.retry if self.entry else Retry.NOW


def error_of(row: SyncQueueItem | SyncAttempt | ListedItem) -> ItemError | None:
    """The error that a row records; None if it records none.

    A row may lack a remedy of its own: if it is an older one, or one that the application's transaction wrote.
    """
    if not (row.error_code or row.error_message):
        return None
    entry = CATALOGUE.get(row.error_code or "")
    remedy = row.error_remedy or (entry.remedy if entry else "")
    return ItemError(row.error_code or "", row.error_message or "", remedy, entry)


def failed_syncs(limit: int = 50, user_id: UUID | None = None) -> list[dict[str, Any]]:
    """Failed items, the latest first, each with its code and what to do."""
    failed = SyncFailure.objects.order_by("-updated_at")
    if user_id is not None:
        failed = failed.filter(user_id=user_id)
    listed = list(failed.values()[:limit])
    items = SyncQueueItem.objects.only("error_code", "error_message", "error_remedy")
    errors = {item.pk: error_of(item) for item in items.filter(pk__in=[line["id"] for line in listed])}
    return [
        {**line, "error_code": error.code if error else "", "what_to_do": error.remedy if error else ""}
        for line in listed
        for error in [errors.get(line["id"])]
    ]
